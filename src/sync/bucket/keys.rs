//! Names of objects: which rows of which box, and nothing else. No date is in them, for a name is no row and is read by
//! whoever may list the bucket.
//!
//! ```text
//!   PREFIX v1/TABLE/box_id=BOX/FIRST-NEXT.parquet     rows of events FIRST..NEXT
//!   PREFIX v1/_manifest/box_id=BOX/NEXT.json          entered: everything before NEXT is there
//! ```
//! Numbers have twenty digits, so that the last name in a listing is the newest.

use std::fmt::Write;

/// The file of rows.
pub(super) fn data(prefix: &str, table: &str, box_id: &str, first: u64, next: u64) -> String {
    format!("{}{next:020}.parquet", begun(prefix, table, box_id, first))
}

/// What the names of files of a table's rows from `first` on begin with.
pub(super) fn begun(prefix: &str, table: &str, box_id: &str, first: u64) -> String {
    format!("{prefix}v1/{table}/box_id={}/{first:020}-", safe(box_id))
}

/// The folder of manifests.
pub(super) fn manifests(prefix: &str, box_id: &str) -> String {
    format!("{prefix}v1/_manifest/box_id={}/", safe(box_id))
}

/// The manifest that enters everything before `next`.
pub(super) fn manifest(prefix: &str, box_id: &str, next: u64) -> String {
    format!("{}{next:020}.json", manifests(prefix, box_id))
}

/// The NEXT of a file of rows, of which `begun` is the beginning; `None` where it is no name of ours.
pub(super) fn end(begun: &str, key: &str) -> Option<u64> {
    number(key.strip_prefix(begun)?.strip_suffix(".parquet")?)
}

/// The NEXT of a manifest in `folder`; `None` where it is no name of ours.
pub(super) fn entered(folder: &str, key: &str) -> Option<u64> {
    number(key.strip_prefix(folder)?.strip_suffix(".json")?)
}

fn number(digits: &str) -> Option<u64> {
    (digits.len() == 20 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// A box's name as one segment of a path: letters, digits, `-` and `.` stay, any other byte is `_` and two hexadecimal
/// digits. No two names become the same, and none becomes `.` or `..`.
fn safe(box_id: &str) -> String {
    let mut safe = String::with_capacity(box_id.len());
    for byte in box_id.bytes() {
        let stays = byte.is_ascii_alphanumeric() || byte == b'-' || (byte == b'.' && !safe.is_empty());
        if stays {
            safe.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(safe, "_{byte:02x}");
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_say_which_rows_they_are() {
        let key = data("a/", "fct_turns", "clinic.example/desk", 7, 1_000);
        assert_eq!(
            key,
            "a/v1/fct_turns/box_id=clinic.example_2fdesk/00000000000000000007-00000000000000001000.parquet"
        );
        let begun = begun("a/", "fct_turns", "clinic.example/desk", 7);
        assert_eq!(end(&begun, &key), Some(1_000));
        assert_eq!(end(&begun, &format!("{begun}1000.parquet")), None);
        let folder = manifests("", "b");
        assert_eq!(entered(&folder, &manifest("", "b", 9)), Some(9));
        assert_eq!(entered(&folder, "v1/_manifest/box_id=b/readme.json"), None);
    }

    proptest! {
        #[test]
        fn no_two_boxes_share_a_name(one in "\\PC{0,12}", other in "\\PC{0,12}") {
            prop_assert_eq!(safe(&one) == safe(&other), one == other);
            prop_assert!(!["..", "."].contains(&safe(&one).as_str()));
            prop_assert!(safe(&one).bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)));
        }

        #[test]
        fn later_names_come_later(one in any::<u64>(), other in any::<u64>()) {
            prop_assert_eq!(manifest("", "b", one).cmp(&manifest("", "b", other)), one.cmp(&other));
        }
    }
}
