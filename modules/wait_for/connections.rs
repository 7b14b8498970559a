//! The connections of a port, as Linux lists them.

use crate::sdk::Failure;

/// The states of a connection, by the number that Linux has for each.
const STATES: [(&str, &str); 11] = [
    ("ESTABLISHED", "01"),
    ("SYN_SENT", "02"),
    ("SYN_RECV", "03"),
    ("FIN_WAIT1", "04"),
    ("FIN_WAIT2", "05"),
    ("TIME_WAIT", "06"),
    ("CLOSE", "07"),
    ("CLOSE_WAIT", "08"),
    ("LAST_ACK", "09"),
    ("LISTEN", "0A"),
    ("CLOSING", "0B"),
];

/// The states that count where none are named.
const ACTIVE: [&str; 6] =
    ["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT"];

/// The numbers of states by their names.
pub(super) fn codes(names: Option<&[String]>) -> Result<Vec<String>, Failure> {
    let code = |name: &str| {
        let found = STATES.iter().find(|(known, _)| *known == name);
        found.map(|(_, code)| (*code).to_owned()).ok_or_else(|| {
            let known: Vec<&str> = STATES.iter().map(|(known, _)| *known).collect();
            Failure::new(format!(
                "there is no state of a connection `{name}`: expected one of {}",
                known.join(", ")
            ))
        })
    };
    match names {
        None => ACTIVE.iter().map(|name| code(name)).collect(),
        Some(names) => names.iter().map(|name| code(name)).collect(),
    }
}

/// How many connections of a port count; `table` is `/proc/net/tcp` and `tcp6`.
pub(super) fn count(table: &str, port: u16, states: &[String], excluded: &[String]) -> usize {
    let port = format!(":{port:04X}");
    table
        .lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace().skip(1);
            Some((words.next()?, words.next()?, words.next()?))
        })
        .filter(|(local, _, state)| local.ends_with(&port) && states.iter().any(|s| s == state))
        .filter(|(_, remote, _)| {
            let remote = remote.split(':').next().unwrap_or_default();
            !address(remote).is_some_and(|address| excluded.contains(&address))
        })
        .count()
}

/// An address as Linux lists it: hexadecimal words of 32 bits, each in the machine's byte order.
fn address(hex: &str) -> Option<String> {
    let words: Option<Vec<u32>> = (0..hex.len() / 8)
        .map(|at| u32::from_str_radix(hex.get(at * 8..at * 8 + 8)?, 16).ok())
        .collect();
    match words?.as_slice() {
        [word] => Some(std::net::Ipv4Addr::from(word.to_le_bytes()).to_string()),
        [a, b, c, d] => {
            let mut bytes = [0; 16];
            for (place, word) in bytes.chunks_mut(4).zip([a, b, c, d]) {
                place.copy_from_slice(&word.to_le_bytes());
            }
            let address = std::net::Ipv6Addr::from(bytes);
            Some(address.to_ipv4_mapped().map_or(address.to_string(), |v4| v4.to_string()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
  sl  local_address rem_address   st tx_queue rx_queue
   0: 00000000:0050 00000000:0000 0A 00000000:00000000
   1: 0100007F:0050 0A00000A:C350 01 00000000:00000000
   2: 0100007F:0050 0500000A:C351 06 00000000:00000000
   3: 0100007F:1F90 0500000A:C351 01 00000000:00000000
   4: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000600000A:C352 01 0:0
";

    #[test]
    fn connections_are_counted_by_port_state_and_address() {
        let active = codes(None).unwrap();
        assert_eq!(count(TABLE, 80, &active, &[]), 3);
        assert_eq!(count(TABLE, 80, &active, &["10.0.0.10".into(), "10.0.0.6".into()]), 1);
        let established = codes(Some(&["ESTABLISHED".to_owned()])).unwrap();
        assert_eq!(count(TABLE, 80, &established, &[]), 2);
        assert_eq!(count(TABLE, 443, &active, &[]), 0);
    }

    #[test]
    fn states_are_known_by_name() {
        let fault = codes(Some(&["OPEN".to_owned()])).unwrap_err().to_string();
        assert!(
            fault.starts_with("there is no state of a connection `OPEN`: expected one of ESTAB")
        );
    }
}
