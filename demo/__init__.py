"""The demo township: an app of its own, installed only with DEMO=1."""
