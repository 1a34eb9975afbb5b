//! Scripted calls for tests.
