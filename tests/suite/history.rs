//! Reading a repository's objects and history, compared with what git says.

mod attribution;
mod broken;
mod following;
mod range;
mod refs;
mod repo;
mod store;
