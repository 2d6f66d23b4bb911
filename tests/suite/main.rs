//! The one test binary: each module tests the library or the program from outside.

mod baseline;
