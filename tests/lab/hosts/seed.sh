rm -rf /srv/seed; mkdir -p /srv/seed/tree/sub /srv/seed/gone/deep
cd /srv/seed
echo old >replaced; echo file >file; echo other >other; ln -s /srv/seed/file link
echo x >tree/x; echo run >tree/sub/run; chmod 755 tree/sub/run; ln -s x tree/link; echo y >gone/deep/y
: >'to remove'
cat >conf <<'END'
#PermitRootLogin yes
Port=22
Bad one
Bad two
# BEGIN old
old
# END old
Subsystem sftp yes
Last yes
END
