"""The SQLite backend of the test run."""
