# $path is a directory, or is not there. Reads paths below it; `examine` comes before this.

if [ -d "$path" ]; then
    cd -- "$path" || exit
    examine ''
fi
