cd /srv
find hosts hosts-app seed -printf '%M %u:%g %p -> %l\n' | sed 's/ -> $//; s/[0-9]*\.2[0-9-]*@[0-9:]*~/PID.TIME~/' | sort -k 3
stat -c 'modified %y' seed/other
cat seed/conf seed/replaced
getent passwd hosts-app
getent group hosts-web hosts-extra
getent passwd hosts-daemon | cut -d : -f 1,6,7
getent shadow hosts-app hosts-daemon | sed 's/:20[0-9]*:/:TODAY:/'
getent group hosts-system | awk -F : '$3 < 1000 {print "a system group"}'
cut -d ' ' -f 1,3- hosts-app/.ssh/id_ed25519.pub
id -Gn operator
cat hosts/new.conf hosts/app/own "hosts/content with blank"
