#!/bin/sh
# two-hosts.sh COMMAND...: runs two ranks of a command under Open MPI on two hosts, which are network namespaces with a wire between them, so that all they say goes
# through TCP. Needs root. Status 77: namespaces may not be made here.
name=rnncodegen$$
a=${name}a b=${name}b
folder=$(mktemp -d)
cleanup() {
  ip netns delete "$a" 2>/dev/null
  ip netns delete "$b" 2>/dev/null
  rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 143' INT TERM
ip netns add "$a" 2>/dev/null && ip netns add "$b" 2>/dev/null || { echo "network namespaces cannot be made"; exit 77; }
ip -n "$a" link add wire type veth peer name wire netns "$b" || { echo "no virtual wire can be made"; exit 77; }
n=1
for host in "$a" "$b"; do
  ip -n "$host" address add "10.213.77.$n/24" dev wire && ip -n "$host" link set wire up && ip -n "$host" link set lo up || exit 77
  n=$((n + 1))
done

# What Open MPI takes for ssh: AGENT HOST COMMAND.
cat >"$folder/agent" <<END
#!/bin/sh
case \$1 in 10.213.77.1) host=$a ;; *) host=$b ;; esac
shift
exec ip netns exec "\$host" unshare --uts sh -c "hostname \$host; \$*"
END
chmod +x "$folder/agent"
ip netns exec "$a" unshare --uts sh -c 'hostname "$0"; exec "$@"' "$a" timeout 200 mpirun.openmpi --allow-run-as-root \
  --host 10.213.77.1,10.213.77.2 -n 2 --bind-to none --mca btl tcp,self --mca pml ob1 --mca btl_tcp_if_include wire --mca oob_tcp_if_include wire \
  --mca plm_rsh_agent "$folder/agent" "$@"
