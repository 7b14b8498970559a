"""The ten tasks for pyinfra."""

from io import StringIO
from pathlib import Path

from pyinfra import host
from pyinfra.facts.files import File
from pyinfra.operations import files, server

base = f"/tmp/bench-pyinfra-{host.name}"
files.directory(path=base, mode="755")
files.put(src=StringIO(f"hello {host.name}\n"), dest=f"{base}/greeting", mode="644")
files.template(
    src=str(Path(__file__).parent / "greeting.j2"),
    dest=f"{base}/rendered",
    mode="644",
    inventory_hostname=host.name,
)
files.line(path=f"{base}/rendered", line="last line")
server.shell(commands=["true"])
server.shell(commands=["echo $((6 * 7))"])
host.get_fact(File, path=f"{base}/rendered")
files.file(path=f"{base}/touched")
files.link(path=f"{base}/link", target=f"{base}/rendered")
server.shell(commands=["true"])
