"""manage.py demo"""

import re
import signal
import subprocess
import sys
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.ticker import REST_SECONDS, Ticker

STOP_SECONDS = 10


class Command(BaseCommand):
    """The whole house in one command: the ticker in this process, the web server as its child."""

    help = "演示模式:启动网页服务和定时任务,不需要其他服务。"

    def add_arguments(self, parser: Any) -> None:
        """--bind HOST:PORT."""
        parser.add_argument("--bind", default="127.0.0.1:8000", help="监听地址,HOST:PORT(默认 127.0.0.1:8000)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGINT, SIGTERM, or the end of the web server; then stop the other."""
        if not settings.DEMO:
            raise CommandError("demo 只在演示模式下运行:请设置环境变量 DEMO=1。正式运行请用 granian 和 manage.py ticker,见 README。")
        bind = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})", options["bind"])
        if bind is None:
            raise CommandError(f"“{options['bind']}”不是 HOST:PORT,例如 127.0.0.1:8000。")
        host, port = bind[1], bind[2]
        ticker, server = Ticker(), self._serve(host.strip("[]"), port)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ticker.stop())
        beat = threading.Thread(target=ticker.run, name="ticker", daemon=True)
        beat.start()
        self.stdout.write(f"石角安监演示已启动:http://{host}:{port}/ (账号见登录页;按 Ctrl+C 停止)")
        while server.poll() is None and not ticker.stopped.wait(REST_SECONDS):
            pass
        ended = server.poll()
        ticker.stop()
        self._end(server)
        beat.join(timeout=STOP_SECONDS)
        if ended is not None:
            raise CommandError(f"网页服务已退出(代码 {ended})。端口 {port} 可能已被占用,可以换一个:BIND={host}:8001 bin/run")

    def _serve(self, host: str, port: str) -> subprocess.Popen:
        """Granian in its own process group, so that Ctrl+C reaches it only through us."""
        module, _, name = settings.WSGI_APPLICATION.rpartition(".")
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", port]
        command += ["--workers", "1", "--blocking-threads", "4", "--log-level", "warning", f"{module}:{name}"]
        return subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603 - a command of our own

    def _end(self, server: subprocess.Popen) -> None:
        server.terminate()
        try:
            server.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
