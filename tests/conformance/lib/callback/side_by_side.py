"""Writes what happens in a run of ansible-core as lines of JSON, for tests/conformance/side-by-side."""

import json
import os

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: side_by_side
    type: stdout
    short_description: events as lines of JSON
    description: [Events as lines of JSON]
"""

# Their success is told as an event of its own.
INCLUDES = ("include_tasks", "include_role")


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "side_by_side"

    def __init__(self):
        super().__init__()
        self.out = open(os.environ["SIDE_BY_SIDE_EVENTS"], "w", encoding="utf-8")
        self.free = False

    def write(self, **event):
        self.out.write(json.dumps(event, default=str) + "\n")
        self.out.flush()

    def name(self, result):
        """As rendered for the host; only the task itself knows its role."""
        name, role = result.task_name.strip(), result.task._role
        # An inclusion of a role is headed by its name alone.
        head = f"{role.get_name()} : " if role else ""
        return head + name if result.task.get_name().startswith(head) else name

    def result(self, result, status, ignored=False, label=None):
        """One result of a task, or of one item of its loop where there is a label."""
        self.write(event="result", task=self.name(result),
                   uuid=result.task._uuid, host=result.host.get_name(), status=status, ignored=ignored, label=label,
                   message=str(result.result.get("msg", "")))

    def ended(self, result, label=None):
        self.result(result, "changed" if result.result.get("changed") else "ok", label=label)

    def label(self, fields):
        return str(self._get_item_label(fields))

    def v2_playbook_on_play_start(self, play):
        self.free = play.strategy in ("free", "host_pinned")
        self.write(event="play", name=play.get_name().strip(), free=self.free)

    def v2_playbook_on_no_hosts_matched(self):
        self.write(event="no_hosts")

    def v2_runner_on_ok(self, result):
        if not result.task.action.endswith(INCLUDES):
            self.ended(result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self.result(result, "failed", ignored=ignore_errors)

    def v2_runner_on_skipped(self, result):
        self.result(result, "skipped")

    def v2_runner_on_unreachable(self, result):
        self.result(result, "unreachable", ignored=bool(result.task.ignore_unreachable))

    def v2_runner_item_on_ok(self, result):
        if not result.task.action.endswith(INCLUDES):
            self.ended(result, label=self.label(result.result))

    def v2_runner_item_on_failed(self, result):
        self.result(result, "failed", label=self.label(result.result))

    def v2_runner_item_on_skipped(self, result):
        self.result(result, "skipped", label=self.label(result.result))

    def v2_runner_retry(self, result):
        left = result.result["retries"] - result.result["attempts"]
        self.write(event="retry", task=self.name(result), uuid=result.task._uuid, host=result.host.get_name(),
                   left=left)

    def v2_playbook_on_include(self, included_file):
        looped = "_ansible_item_label" in included_file._vars
        self.write(event="included", what=os.path.basename(included_file._filename),
                   hosts=[host.get_name() for host in included_file._hosts], label=self.label(included_file._vars) if looped else None)

    def v2_playbook_on_stats(self, stats):
        fields = ("ok", "changed", "failures", "dark", "skipped", "rescued", "ignored")
        hosts = {host: {name: getattr(stats, name).get(host, 0) for name in fields} for host in stats.processed}
        self.write(event="stats", hosts=hosts, custom=stats.custom)
