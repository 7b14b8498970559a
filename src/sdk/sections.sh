# Answers as `Sections` reads them: part NAME; …; end
part() { printf '%s\0' "$1"; }
end() { printf '\0'; }
newline='
'

