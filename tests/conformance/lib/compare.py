"""Compares what two engines left behind of the same playbooks: compare.py ANSIBLE RPLAY KNOWN CASE..."""

import difflib
import fnmatch
import json
import sys
from pathlib import Path

ABSENT = "(absent)"
# Tasks whose success both engines tell as an event of its own.
INCLUDES = ("include_tasks", "include_role")


def lines_of_json(path):
    """The lines of a file; a last one that was cut off does not count."""
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        try:
            yield json.loads(line)
        except ValueError:
            return


def ansible_events(path):
    """What the callback wrote, as it is."""
    return list(lines_of_json(path))


def rplay_events(path):
    """The events of `--report json`, in the words of the callback."""
    events = []
    for event in lines_of_json(path):
        kind = event.get("event")
        if kind == "play_started":
            events.append({"event": "play", "name": event["name"], "free": event.get("free", False)})
        elif kind == "play_skipped":
            events += [{"event": "play", "name": event["name"]}, {"event": "no_hosts"}]
        elif kind == "play_failed":
            events.append({"event": "play_failed", "message": event["message"]})
        elif kind in ("host_finished", "item_finished"):
            result, task = event["result"], event["task"]
            if task["action"].endswith(INCLUDES) and result["status"] in ("ok", "changed"):
                continue
            events.append({"event": "result", "task": task_name(task), "uuid": task["id"], "host": event["host"],
                           "status": result["status"],
                           "ignored": result.get("ignored", False) and kind == "host_finished",
                           "label": event.get("label"), "message": result.get("message", "")})
        elif kind == "meta" and event["skipped"] and event["host"]:
            events.append({"event": "result", "task": task_name(event["task"]), "uuid": event["task"]["id"],
                           "host": event["host"], "status": "skipped", "ignored": False, "label": None})
        elif kind == "retrying":
            events.append({"event": "retry", "task": task_name(event["task"]), "uuid": event["task"]["id"],
                           "host": event["host"], "left": event["left"]})
        elif kind == "included":
            events.append({"event": "included", "what": event["what"].rsplit("/", 1)[-1], "hosts": event["hosts"],
                           "label": event["label"]})
        elif kind == "run_finished":
            events.append({"event": "stats", **rplay_stats(event["stats"])})
    return events


def task_name(task):
    return f"{task['role']} : {task['name']}" if task["role"] else task["name"]


def rplay_stats(stats):
    names = {"failed": "failures", "unreachable": "dark"}
    fields = ("ok", "changed", "failed", "unreachable", "skipped", "rescued", "ignored")
    hosts = {}
    for host, counts in stats["hosts"].items():
        hosts[host] = {names.get(name, name): counts[name] for name in fields}
    return {"hosts": hosts, "custom": stats.get("custom", {})}


def story(events):
    """The events as lines of text; hosts that work at the same time come in the order of their names.

    Files that hosts include are told for each host by itself: which one's tasks come first is not set down.
    """
    lines, together, group, included, began = [], [], None, [], None

    def flush():
        nonlocal began
        if together and began:
            lines.append(began)
            began = None
        together.sort(key=lambda pair: pair[0])
        lines.extend(line for _, line in together)
        together.clear()

    free = False
    for event in events:
        kind = event["event"]
        of = (event.get("uuid"),) if not free else ("free",)
        if kind == "included":
            included.extend(told(event))
            continue
        if kind in ("result", "retry"):
            if of != group:
                flush()
                group = of
            together.extend(told(event))
            continue
        flush()
        group = None
        if kind == "play":
            lines.extend(line for _, line in sorted(included))
            included.clear()
            free = event.get("free", False)
            began = f"play {event['name']}"
        elif kind == "no_hosts":
            lines.extend([began, "  no hosts"])
        elif kind == "play_failed":
            lines.extend([began or "", "  the play cannot be begun"])
        elif kind == "stats":
            lines.extend(line for _, line in sorted(included))
            included.clear()
            lines.extend(recap(event))
    flush()
    return lines


def told(event):
    """A result as pairs of what it is sorted by and its line."""
    host = event.get("host")
    if event["event"] == "retry":
        return [(host, f"  {event['task']} > {host} > retrying, {event['left']} left")]
    if event["event"] == "included":
        label = f" ({event['label']})" if event["label"] else ""
        return [(host, f"  included {event['what']} > {host}{label}") for host in event["hosts"]]
    label = "" if event["label"] is None else f" ({event['label']})"
    ignored = ", ignored" if event["ignored"] else ""
    return [(host, f"  {event['task']} > {host}{label} > {event['status']}{ignored}")]


def recap(event):
    for host, counts in sorted(event["hosts"].items()):
        yield f"recap {host}: " + " ".join(f"{name}={count}" for name, count in counts.items())
    for host, fields in sorted(event["custom"].items()):
        yield f"stats {host}: {json.dumps(fields, sort_keys=True)}"


def differing(where, one, other):
    """Where two pieces of JSON differ, as triples of a path and both sides."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            yield from differing(f"{where}.{key}", one.get(key, ABSENT), other.get(key, ABSENT))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other)):
            yield from differing(f"{where}[{index}]", *pair)
    elif one != other or type(one) is not type(other):
        yield where, one, other


def files(folder):
    return {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*")) if path.is_file()}


def compare_files(ansible, rplay):
    ours, theirs = files(rplay), files(ansible)
    for name in sorted({*ours, *theirs}):
        if name not in ours or name not in theirs:
            yield name, *(ABSENT if name not in side else "(present)" for side in (theirs, ours))
            continue
        texts = theirs[name].read_text(), ours[name].read_text()
        try:
            yield from differing(name, *map(json.loads, texts))
        except ValueError:
            if texts[0] != texts[1]:
                yield name, *texts


def compare_run(ansible, rplay):
    """The differences of one run, as pairs of what they are known by and what is shown."""
    stories = story(ansible_events(ansible / "events")), story(rplay_events(rplay / "events"))
    for side, lines in zip((ansible, rplay), stories):
        (side / "story").write_text("\n".join(lines) + "\n")
    for line in difflib.unified_diff(*stories, "ansible", "rplay", lineterm="", n=1):
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---")):
            yield f"events: {line}", line
    codes = [int((side / "code").read_text()) for side in (ansible, rplay)]
    if codes[0] not in (0, 2):
        yield "no run", f"ansible-core does not run this: it ends with {codes[0]}"
    if (codes[0] == 0) != (codes[1] == 0):
        yield "exit code", "exit code: ansible {}, rplay {}".format(*codes)
    for name, one, other in compare_files(ansible / "out", rplay / "out"):
        shown = [json.dumps(value, ensure_ascii=False) if value != ABSENT else value for value in (one, other)]
        yield name, f"{name}:\n    ansible {shown[0]}\n    rplay   {shown[1]}"


def compare_case(ansible, rplay):
    runs = sorted({path.name for side in (ansible, rplay) if side.is_dir() for path in side.iterdir()})
    if not runs:
        yield "nothing", "neither engine left anything behind"
    for run in runs:
        prefix = "" if len(runs) == 1 else f"run {run}: "
        if not all((side / run / "code").exists() for side in (ansible, rplay)):
            yield f"{prefix}missing", f"{prefix}only one engine ran"
            continue
        for known, shown in compare_run(ansible / run, rplay / run):
            yield prefix + known, prefix + shown


def known_differences(path):
    """Triples of patterns for the case and the difference, and whether the line has been of use."""
    entries = []
    for line in Path(path).read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            case, difference, _reason = (part.strip() for part in line.split("|", 2))
            entries.append([case, difference, False])
    return entries


def is_known(entries, case, difference):
    for entry in entries:
        if fnmatch.fnmatchcase(case, entry[0]) and matches(difference, entry[1]):
            entry[2] = True
            return True
    return False


def matches(difference, pattern):
    """With `*` as the only sign of its own: brackets stand in paths of JSON."""
    return fnmatch.fnmatchcase(difference, pattern.replace("[", "[[]"))


def main(ansible, rplay, known, *cases):
    entries = known_differences(known)
    failed = 0
    for case in cases:
        found = [shown for name, shown in compare_case(Path(ansible, case), Path(rplay, case))
                 if not is_known(entries, case, name)]
        if found:
            failed += 1
            print(f"== {case}", *found, sep="\n")
    for case, difference, used in entries:
        if not used and case in cases:
            failed += 1
            print(f"no longer a difference, take it out of {Path(known).name}: {case} | {difference}")
    print(f"{len(cases)} playbooks, {failed} with differences that are not listed (results in {rplay})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
