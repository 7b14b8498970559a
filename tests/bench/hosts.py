"""Writes an inventory of many hosts, the same as INI and as YAML: hosts.py FOLDER [COUNT]."""

import sys
from pathlib import Path

GROUPS = 20


def hosts(count):
    """Each host's name, its group and its variables."""
    for number in range(count):
        variables = {"ansible_host": f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", "rack": number % 40, "role": f"role{number % 7}"}
        yield f"host{number:05}.example.com", f"group{number % GROUPS:02}", variables


def groups():
    """Each group's name and its variables."""
    for number in range(GROUPS):
        yield f"group{number:02}", {"zone": f"zone{number % 3}", "port": 8000 + number, "motd": f"hello from {number}"}


def ini(count):
    """The inventory as INI."""
    lines = []
    for group, variables in groups():
        members = (f"{name} {' '.join(f'{key}={value}' for key, value in own.items())}" for name, of, own in hosts(count) if of == group)
        lines += [f"[{group}]", *members, "", f"[{group}:vars]"]
        lines += [*(f"{key}={value}" for key, value in variables.items()), ""]
    return "\n".join(lines)


def yaml(count):
    """The inventory as YAML."""
    lines = ["all:", "  children:"]
    for group, variables in groups():
        lines += [f"    {group}:", "      vars:", *(f"        {key}: {value}" for key, value in variables.items()), "      hosts:"]
        for name, of, own in hosts(count):
            if of == group:
                lines += [f"        {name}:", *(f"          {key}: {value}" for key, value in own.items())]
    return "\n".join(lines) + "\n"


def write(folder, count=10_000):
    """Writes both; their paths."""
    paths = [Path(folder) / "hosts.ini", Path(folder) / "hosts.yml"]
    for path, text in zip(paths, (ini(count), yaml(count))):
        path.write_text(text)
    return paths


if __name__ == "__main__":
    write(sys.argv[1], *map(int, sys.argv[2:]))
