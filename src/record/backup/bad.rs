//! What can be wrong with copies, by range: what the restore names before it stops, or beside what it brought back.

/// Some events that are not there as they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadRange {
    /// The first event.
    pub first: u64,
    /// The first event after them.
    pub next: u64,
    /// What is wrong.
    pub what: Bad,
}

/// What can be wrong with copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bad {
    /// No segment holds them.
    Missing,
    /// Two segments hold them.
    Overlap,
    /// Their segment does not open, or is not what it says.
    Damaged,
    /// Their segment is of another log.
    OtherLog,
    /// Their segment was sealed for another recovery key.
    OtherKey,
}

impl std::fmt::Display for BadRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let last = self.next.saturating_sub(1);
        write!(f, "events {} to {last}: ", self.first)?;
        f.write_str(match self.what {
            Bad::Missing => "missing from the backup",
            Bad::Overlap => "in two segments",
            Bad::Damaged => "their segment is damaged",
            Bad::OtherLog => "their segment is of another log",
            Bad::OtherKey => "their segment was sealed for another recovery key",
        })
    }
}
