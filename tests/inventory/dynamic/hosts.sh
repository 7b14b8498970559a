#!/bin/sh
cat <<'EOF'
{"_meta": {"hostvars": {"h1": {"emoji": "\ud83d\ude00", "a": {"b": ["{{ c }}"]}}, "nobody": {"x": 1}}},
 "web": {"hosts": ["h1"]}, "alone": {"key": "value"}, "all": {"vars": {"z": 0}, "children": ["web", "late"]}, "late": {"hosts": []}}
EOF
