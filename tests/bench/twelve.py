"""The twelve steps for pyinfra."""

from io import StringIO

from pyinfra import host
from pyinfra.facts.files import File
from pyinfra.facts.server import Hostname, Kernel, LinuxDistribution
from pyinfra.operations import files, server

base = f"/tmp/bench-pyinfra-{host.name}"
for fact in (Hostname, Kernel, LinuxDistribution):
    host.get_fact(fact)
files.directory(path=base, mode="755")
files.put(src=StringIO(f"hello {host.name}\n"), dest=f"{base}/greeting", mode="644")
files.line(path=f"{base}/greeting", line="second line")
server.shell(commands=["true"])
server.shell(commands=["echo $((6 * 7))"])
for number in range(1, 6):
    files.file(path=f"{base}/touched-{number}")
host.get_fact(File, path=f"{base}/greeting")
