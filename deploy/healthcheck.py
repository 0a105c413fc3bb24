"""Ends with 0 when the web server of this container answers /healthz/, for the compose file."""

import http.client
import os
import sys


def main() -> int:
    """Ask as our proxy would: with a host of ALLOWED_HOSTS, over HTTPS."""
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
    port = int(os.environ.get("HEALTHCHECK_PORT", "8000"))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/healthz/", headers={"Host": host, "X-Forwarded-Proto": "https"})
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
