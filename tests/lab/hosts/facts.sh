. /etc/os-release
echo Debian
echo "Debian $(cat /etc/debian_version)"
hostname
ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p'
nproc
echo root
echo "$PATH"
uname -r
echo "ansible_default_ipv4 ansible_hostname"
