//! Whether the uid of a peer on a socket still says who it is.
//!
//! In a user namespace the kernel shows every user that has no number there as the same "nobody". A process that has to
//! tell the users of the box apart must then not answer anybody.

use super::SandboxError;

/// Refuses to go on where one of `uids` has no number in this process's user namespace.
///
/// # Errors
/// [`SandboxError::HiddenUser`].
pub fn can_be_told_apart(uids: &[u32]) -> Result<(), SandboxError> {
    const MAP: &str = "/proc/self/uid_map";
    let map = std::fs::read_to_string(MAP).map_err(|source| SandboxError::Proc { path: MAP, source })?;
    uids.iter().find(|uid| !is_mapped(&map, **uid)).map_or(Ok(()), |&uid| Err(SandboxError::HiddenUser { uid }))
}

/// Each line of the map is "first number inside, first number outside, how many".
fn is_mapped(map: &str, uid: u32) -> bool {
    map.lines().any(|line| {
        let mut numbers = line.split_whitespace().filter_map(|word| word.parse::<u64>().ok());
        let (Some(first), Some(_), Some(count)) = (numbers.next(), numbers.next(), numbers.next()) else {
            return false;
        };
        (first..first.saturating_add(count)).contains(&u64::from(uid))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_any_user_namespace_everybody_has_a_number() {
        let map = "         0          0 4294967295\n";
        assert!([0, 1000, 61_001, 65_534].into_iter().all(|uid| is_mapped(map, uid)));
    }

    #[test]
    fn where_only_this_user_has_a_number_the_others_are_hidden() {
        let map = "     61001      61001          1\n";
        assert!(is_mapped(map, 61_001));
        assert!(!is_mapped(map, 61_002) && !is_mapped(map, 0));
    }

    #[test]
    fn two_ranges_of_a_container_are_both_seen() {
        let map = "0 100000 1000\n1000 5000 1\nnonsense\n";
        assert!(is_mapped(map, 999) && is_mapped(map, 1000));
        assert!(!is_mapped(map, 1001));
    }
}
