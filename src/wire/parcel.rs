//! The only way to encode something for another process.
//!
//! [`MayGoTo<D>`] says that a type may cross door `D`. Types that may hold PHI implement it for the doors behind which
//! PHI may be; [`Redacted`](crate::redact::Redacted) also for [`Airlock`](crate::wire::Airlock). A struct is packed field by field
//! with [`Parcel`], whose `with` takes only what may cross the same door: a request for the airlock that held a
//! [`RawTranscript`](crate::listen::RawTranscript) would not compile.

use std::marker::PhantomData;

use serde_json::{Map, Value};

use crate::ids::{CallId, Turn};
use crate::secret::Secret;
use crate::wire::doors::{Brain, Clinic, Door, Line, Record, Watch};

/// Says that a type may cross the door `D`, and how it is written down for it.
///
/// PHI crosses to the record, never to the airlock:
/// ```compile_fail
/// use anteroom::{secret::Secret, wire::{Airlock, Parcel}};
/// let parcel = Parcel::<Airlock>::new().with("name", &Secret::new("Mary Lopez"));
/// ```
/// The same line with another door compiles:
/// ```
/// use anteroom::{secret::Secret, wire::{Record, Parcel}};
/// let parcel = Parcel::<Record>::new().with("name", &Secret::new("Mary Lopez"));
/// ```
pub trait MayGoTo<D: Door> {
    /// Writes the value down.
    fn load(&self) -> Loaded;
}

/// A value written down for a door. Only [`MayGoTo`] makes one, and only [`Parcel`] takes it.
#[derive(Clone, Debug)]
pub struct Loaded(pub(crate) Value);

/// A JSON object on its way to door `D`.
#[derive(Clone, Debug)]
pub struct Parcel<D: Door> {
    fields: Map<String, Value>,
    door: PhantomData<fn() -> D>,
}

impl<D: Door> Default for Parcel<D> {
    fn default() -> Self {
        Self::new()
    }
}

impl<D: Door> Parcel<D> {
    /// An empty parcel.
    #[must_use]
    pub fn new() -> Self {
        Self { fields: Map::new(), door: PhantomData }
    }

    /// Adds `item` under `key`.
    #[must_use]
    pub fn with<T: MayGoTo<D> + ?Sized>(mut self, key: &'static str, item: &T) -> Self {
        self.fields.insert(key.to_owned(), item.load().0);
        self
    }

    /// The bytes to send.
    #[must_use]
    pub fn seal(self) -> Vec<u8> {
        Value::Object(self.fields).to_string().into_bytes()
    }
}

impl<D: Door> MayGoTo<D> for Parcel<D> {
    fn load(&self) -> Loaded {
        Loaded(Value::Object(self.fields.clone()))
    }
}

impl MayGoTo<Record> for Secret {
    fn load(&self) -> Loaded {
        Loaded(Value::String(self.expose().to_owned()))
    }
}
impl MayGoTo<Clinic> for Secret {
    fn load(&self) -> Loaded {
        MayGoTo::<Record>::load(self)
    }
}
impl MayGoTo<Brain> for Secret {
    fn load(&self) -> Loaded {
        MayGoTo::<Record>::load(self)
    }
}
impl MayGoTo<Line> for Secret {
    fn load(&self) -> Loaded {
        MayGoTo::<Record>::load(self)
    }
}
impl MayGoTo<Watch> for Secret {
    fn load(&self) -> Loaded {
        MayGoTo::<Record>::load(self)
    }
}

macro_rules! harmless {
    ($($type:ty),*) => {$(
        impl<D: Door> MayGoTo<D> for $type {
            fn load(&self) -> Loaded {
                Loaded(serde_json::json!(self))
            }
        }
    )*};
}

// Numbers, truth values, random ids and texts fixed at compile time say nothing about a caller. `String` is not here.
harmless!(bool, u8, u16, u32, u64, i32, i64, usize, f32, f64, &'static str, CallId, Turn, crate::expect::Expecting);

impl<D: Door> MayGoTo<D> for uuid::Uuid {
    fn load(&self) -> Loaded {
        Loaded(Value::String(self.to_string()))
    }
}

impl<D: Door, T: MayGoTo<D>> MayGoTo<D> for Option<T> {
    fn load(&self) -> Loaded {
        self.as_ref().map_or(Loaded(Value::Null), MayGoTo::load)
    }
}

impl<D: Door, T: MayGoTo<D>> MayGoTo<D> for [T] {
    fn load(&self) -> Loaded {
        Loaded(Value::Array(self.iter().map(|item| item.load().0).collect()))
    }
}

impl<D: Door, T: MayGoTo<D>> MayGoTo<D> for Vec<T> {
    fn load(&self) -> Loaded {
        self.as_slice().load()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Airlock;

    #[test]
    fn a_parcel_is_one_json_object() {
        let inner = Parcel::<Airlock>::new().with("who", &"caller");
        let bytes = Parcel::<Airlock>::new().with("turn", &Turn(3)).with("said", &vec![inner]).seal();
        assert_eq!(String::from_utf8_lossy(&bytes), r#"{"said":[{"who":"caller"}],"turn":3}"#);
    }
}
