//! Copies in a bucket: the same names below the bucket's prefix.
//!
//! In:  whole objects. Out: objects, written over where they were. Keep no old versions of what lies below `keys/`: they would
//! bring back what was erased.

use std::path::PathBuf;
use std::sync::Arc;

use super::{Shelf, ShelfError, checked};
use crate::clock::Clock;
use crate::config::warehouse::Bucket;
use crate::sync::bucket::s3::S3;
use crate::sync::fault::Fault;

/// Bytes of an object that is fetched: the marker of a new shelf, and keys.
const MOST: usize = 16 << 20;

/// A bucket.
pub struct BucketShelf {
    s3: S3,
    prefix: String,
    name: PathBuf,
}

impl BucketShelf {
    /// The shelf in a bucket. Connects at the first request.
    ///
    /// # Errors
    /// [`Fault`] where the configuration leads nowhere.
    pub fn open(config: &Bucket, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        let name = PathBuf::from(format!("{}/{}", config.bucket, config.prefix));
        Ok(Self { s3: S3::open(config, clock)?, prefix: config.prefix.clone(), name })
    }

    fn key(&self, name: &str) -> Result<String, ShelfError> {
        checked(name).map(|_| format!("{}{name}", self.prefix))
    }

    fn failed(&self, fault: Fault) -> ShelfError {
        ShelfError::Failed { folder: self.name.clone(), source: Box::new(fault) }
    }
}

impl Shelf for BucketShelf {
    async fn list(&self, prefix: &str) -> Result<Vec<String>, ShelfError> {
        let prefix = format!("{}{prefix}", self.prefix);
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let listed = self.s3.list(&prefix, after.as_deref()).await;
            let (page, more) = listed.map_err(|fault| self.failed(fault))?;
            after = page.last().cloned();
            names.extend(page.into_iter().filter_map(|name| name.strip_prefix(&self.prefix).map(str::to_owned)));
            if !more {
                return Ok(names);
            }
        }
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), ShelfError> {
        let key = self.key(name)?;
        self.s3.put(&key, &bytes).await.map_err(|fault| self.failed(fault))
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, ShelfError> {
        let key = self.key(name)?;
        self.s3.get(&key, MOST).await.map_err(|fault| self.failed(fault))
    }
}
