//! The events of libyaml, read from a text and written to one.
//!
//! libyaml is the parser and emitter under PyYAML, so that what it accepts, and where it says
//! that things stand, is what Ansible's users know. `libyaml-rs` is that library in Rust with its
//! C interface kept; this file is the only one that touches it.
#![expect(unsafe_code, reason = "libyaml-rs keeps the C interface of libyaml")]

use std::ffi::{CStr, c_void};
use std::mem::MaybeUninit;
use std::ops::Range;
use std::ptr::{self, NonNull};

use libyaml_rs as sys;

use super::emit::{Scalars, Style};

/// One event of a text.
#[derive(Debug)]
pub(super) enum Event {
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    Alias(String),
    Scalar { text: String, plain: bool, properties: Properties },
    SequenceStart(Properties),
    SequenceEnd,
    MappingStart(Properties),
    MappingEnd,
}

/// What can stand before a node.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) tag: Option<String>,
    pub(super) anchor: Option<String>,
}

/// Where and why libyaml could not go on.
#[derive(Debug)]
pub(super) struct Fault {
    /// libyaml's words for what it met.
    pub(super) problem: String,
    /// The byte it stood at.
    pub(super) at: usize,
    /// libyaml's words for what it was doing, and the byte where that had begun.
    pub(super) context: Option<(String, usize)>,
}

/// Reads a text as events.
pub(super) struct Events<'t> {
    parser: NonNull<sys::yaml_parser_t>,
    text: &'t str,
}

impl<'t> Events<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let parser = Box::into_raw(Box::new(MaybeUninit::<sys::yaml_parser_t>::uninit())).cast();
        // SAFETY: the pointer comes from a box and is freed only in `drop`, so it is not null and
        // the parser never moves; it is initialised before anything else is done with it. The
        // text is borrowed for as long as the parser lives.
        let parser = unsafe {
            let _always = sys::yaml_parser_initialize(parser);
            sys::yaml_parser_set_encoding(parser, sys::YAML_UTF8_ENCODING);
            sys::yaml_parser_set_input_string(parser, text.as_ptr(), text.len() as u64);
            NonNull::new_unchecked(parser)
        };
        Self { parser, text }
    }

    /// The next event and the bytes it covers. After the end, the end again.
    pub(super) fn next(&mut self) -> Result<(Event, Range<usize>), Fault> {
        loop {
            let mut event = MaybeUninit::<sys::yaml_event_t>::uninit();
            // SAFETY: the parser is initialised; libyaml fills the event before it reports
            // success, and only then is it read, each arm of its union under the type that names
            // it. The strings are copied before the event is deleted, and that is done once.
            let (read, start, end) = unsafe {
                if sys::yaml_parser_parse(self.parser.as_ptr(), event.as_mut_ptr()).fail {
                    return Err(self.fault());
                }
                let event = event.assume_init_mut();
                let read = read(event);
                let marks = (event.start_mark.index, event.end_mark.index);
                sys::yaml_event_delete(event);
                (read, marks.0, marks.1)
            };
            if let Some(event) = read {
                let start = self.byte(start);
                return Ok((event, start..self.byte(end).max(start)));
            }
        }
    }

    fn fault(&self) -> Fault {
        // SAFETY: the parser is initialised, and nothing writes to it here.
        let parser = unsafe { self.parser.as_ref() };
        // SAFETY: libyaml's messages are null or literals that end in NUL.
        let (problem, context) =
            unsafe { (string(parser.problem.cast()), string(parser.context.cast())) };
        // A fault of the characters themselves has no mark.
        let at = if parser.error == sys::YAML_READER_ERROR {
            parser.problem_offset
        } else {
            parser.problem_mark.index
        };
        Fault {
            problem: problem.unwrap_or_default(),
            at: self.byte(at),
            context: context.map(|context| (context, self.byte(parser.context_mark.index))),
        }
    }

    /// A mark of libyaml's as a place between two characters of the text.
    fn byte(&self, mark: u64) -> usize {
        self.text.floor_char_boundary(usize::try_from(mark).unwrap_or(usize::MAX))
    }
}

impl Drop for Events<'_> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from a box of this layout, and nothing uses it afterwards.
        unsafe {
            sys::yaml_parser_delete(self.parser.as_ptr());
            drop(Box::from_raw(self.parser.as_ptr().cast::<MaybeUninit<sys::yaml_parser_t>>()));
        }
    }
}

/// Copies an event out of libyaml; nothing for the start of the stream.
///
/// # Safety
///
/// The event must have been filled by libyaml and not been deleted.
unsafe fn read(event: &sys::yaml_event_t) -> Option<Event> {
    let data = &event.data;
    // SAFETY: each arm of the union is read under the type that names it; its strings are null or
    // end in NUL, and a scalar's value has the length that stands beside it.
    unsafe {
        Some(match event.type_ {
            sys::YAML_DOCUMENT_START_EVENT => Event::DocumentStart,
            sys::YAML_DOCUMENT_END_EVENT => Event::DocumentEnd,
            sys::YAML_ALIAS_EVENT => Event::Alias(string(data.alias.anchor).unwrap_or_default()),
            sys::YAML_SCALAR_EVENT => {
                let scalar = &data.scalar;
                let length = usize::try_from(scalar.length).unwrap_or(0);
                let bytes = std::slice::from_raw_parts(scalar.value, length);
                Event::Scalar {
                    text: String::from_utf8_lossy(bytes).into_owned(),
                    plain: scalar.style == sys::YAML_PLAIN_SCALAR_STYLE,
                    properties: properties(scalar.tag, scalar.anchor),
                }
            }
            sys::YAML_SEQUENCE_START_EVENT => Event::SequenceStart(properties(
                data.sequence_start.tag,
                data.sequence_start.anchor,
            )),
            sys::YAML_SEQUENCE_END_EVENT => Event::SequenceEnd,
            sys::YAML_MAPPING_START_EVENT => {
                Event::MappingStart(properties(data.mapping_start.tag, data.mapping_start.anchor))
            }
            sys::YAML_MAPPING_END_EVENT => Event::MappingEnd,
            sys::YAML_STREAM_START_EVENT => return None,
            _ => Event::StreamEnd,
        })
    }
}

/// # Safety
///
/// Each pointer must be null or point to text that ends in NUL.
unsafe fn properties(tag: *const u8, anchor: *const u8) -> Properties {
    // SAFETY: as the caller promises.
    unsafe { Properties { tag: string(tag), anchor: string(anchor) } }
}

/// # Safety
///
/// The pointer must be null or point to text that ends in NUL.
unsafe fn string(text: *const u8) -> Option<String> {
    // SAFETY: as the caller promises.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text.cast()) }.to_string_lossy().into_owned())
}

/// Writes events as a text of one document.
pub(super) struct Emitter {
    inner: NonNull<sys::yaml_emitter_t>,
    written: NonNull<Vec<u8>>,
    /// How scalars are written that do not ask for a way of their own.
    usual: sys::yaml_scalar_style_t,
}

/// How a collection is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    Block,
    Flow,
}

impl Emitter {
    /// Starts a document.
    pub(super) fn new(style: Style) -> Self {
        let emitter = Box::into_raw(Box::new(MaybeUninit::<sys::yaml_emitter_t>::uninit())).cast();
        let written = Box::into_raw(Box::<Vec<u8>>::default());
        // SAFETY: both pointers come from boxes that are freed only in `drop`, so they are not
        // null and what they point to never moves; the emitter is initialised before anything
        // else is done with it.
        let mut this = unsafe {
            let _always = sys::yaml_emitter_initialize(emitter);
            sys::yaml_emitter_set_output(emitter, append, written.cast());
            sys::yaml_emitter_set_indent(emitter, style.indent);
            sys::yaml_emitter_set_width(emitter, style.width);
            sys::yaml_emitter_set_unicode(emitter, true);
            sys::yaml_emitter_set_canonical(emitter, style.canonical);
            Self {
                inner: NonNull::new_unchecked(emitter),
                written: NonNull::new_unchecked(written),
                usual: match style.scalars {
                    Scalars::Shortest => sys::YAML_ANY_SCALAR_STYLE,
                    Scalars::Single => sys::YAML_SINGLE_QUOTED_SCALAR_STYLE,
                    Scalars::Double => sys::YAML_DOUBLE_QUOTED_SCALAR_STYLE,
                    Scalars::Literal => sys::YAML_LITERAL_SCALAR_STYLE,
                    Scalars::Folded => sys::YAML_FOLDED_SCALAR_STYLE,
                },
            }
        };
        // SAFETY: the closures initialise the event they are given.
        unsafe {
            this.emit(|event| {
                sys::yaml_stream_start_event_initialize(event, sys::YAML_UTF8_ENCODING).ok
            });
            this.emit(|event| {
                let none = ptr::null_mut();
                let implicit = !style.explicit_start;
                sys::yaml_document_start_event_initialize(
                    event,
                    none,
                    ptr::null_mut(),
                    none.cast(),
                    implicit,
                )
                .ok
            });
        }
        this
    }

    /// Writes a scalar that is text when it is quoted. `plain` says that it may stand without
    /// quotes, `quoted` that it may stand in them; where neither holds its tag is written too.
    pub(super) fn scalar(&mut self, text: &str, tag: &CStr, plain: bool, quoted: bool) {
        self.styled(text, tag, [plain, quoted], self.usual);
    }

    /// Writes a text of several lines as it stands, behind its tag.
    pub(super) fn literal(&mut self, text: &str, tag: &CStr) {
        self.styled(text, tag, [false, false], sys::YAML_LITERAL_SCALAR_STYLE);
    }

    /// Writes a text of several lines as it stands.
    pub(super) fn block(&mut self, text: &str) {
        self.styled(text, c"tag:yaml.org,2002:str", [true, true], sys::YAML_LITERAL_SCALAR_STYLE);
    }

    fn styled(
        &mut self,
        text: &str,
        tag: &CStr,
        [plain, quoted]: [bool; 2],
        style: sys::yaml_scalar_style_t,
    ) {
        // libyaml counts in 32 bits.
        let text = &text[..text.floor_char_boundary(i32::MAX as usize)];
        let length = i32::try_from(text.len()).unwrap_or(i32::MAX);
        // SAFETY: the closure initialises the event it is given; text and tag outlive the call,
        // which copies them.
        unsafe {
            self.emit(|event| {
                sys::yaml_scalar_event_initialize(
                    event,
                    ptr::null(),
                    tag.as_ptr().cast(),
                    text.as_ptr(),
                    length,
                    plain,
                    quoted,
                    style,
                )
                .ok
            });
        }
    }

    pub(super) fn sequence_start(&mut self, layout: Layout) {
        let style = match layout {
            Layout::Block => sys::YAML_BLOCK_SEQUENCE_STYLE,
            Layout::Flow => sys::YAML_FLOW_SEQUENCE_STYLE,
        };
        // SAFETY: the closure initialises the event it is given.
        unsafe {
            self.emit(|event| {
                sys::yaml_sequence_start_event_initialize(
                    event,
                    ptr::null(),
                    c"tag:yaml.org,2002:seq".as_ptr().cast(),
                    true,
                    style,
                )
                .ok
            });
        }
    }

    pub(super) fn sequence_end(&mut self) {
        // SAFETY: the function initialises the event it is given.
        unsafe { self.emit(|event| sys::yaml_sequence_end_event_initialize(event).ok) }
    }

    pub(super) fn mapping_start(&mut self, layout: Layout) {
        let style = match layout {
            Layout::Block => sys::YAML_BLOCK_MAPPING_STYLE,
            Layout::Flow => sys::YAML_FLOW_MAPPING_STYLE,
        };
        // SAFETY: the closure initialises the event it is given.
        unsafe {
            self.emit(|event| {
                sys::yaml_mapping_start_event_initialize(
                    event,
                    ptr::null(),
                    c"tag:yaml.org,2002:map".as_ptr().cast(),
                    true,
                    style,
                )
                .ok
            });
        }
    }

    pub(super) fn mapping_end(&mut self) {
        // SAFETY: the function initialises the event it is given.
        unsafe { self.emit(|event| sys::yaml_mapping_end_event_initialize(event).ok) }
    }

    /// Ends the document and gives out the text.
    pub(super) fn finish(mut self) -> String {
        // SAFETY: the closures initialise the event they are given; the end of the stream flushes
        // the emitter, and nothing else refers to the bytes by then.
        unsafe {
            self.emit(|event| sys::yaml_document_end_event_initialize(event, true).ok);
            self.emit(|event| sys::yaml_stream_end_event_initialize(event).ok);
            String::from_utf8_lossy(self.written.as_ref()).into_owned()
        }
    }

    /// # Safety
    ///
    /// `initialise` must leave an event in the place it is given when it returns true.
    unsafe fn emit(&mut self, initialise: impl FnOnce(*mut sys::yaml_event_t) -> bool) {
        let mut event = MaybeUninit::<sys::yaml_event_t>::uninit();
        if initialise(event.as_mut_ptr()) {
            // SAFETY: the event is initialised; the emitter takes it over and deletes it.
            let _always =
                unsafe { sys::yaml_emitter_emit(self.inner.as_ptr(), event.as_mut_ptr()) };
        }
    }
}

impl Drop for Emitter {
    fn drop(&mut self) {
        // SAFETY: the pointers came from boxes of these layouts, and nothing uses them afterwards.
        unsafe {
            sys::yaml_emitter_delete(self.inner.as_ptr());
            drop(Box::from_raw(self.inner.as_ptr().cast::<MaybeUninit<sys::yaml_emitter_t>>()));
            drop(Box::from_raw(self.written.as_ptr()));
        }
    }
}

/// Takes what the emitter has written.
///
/// # Safety
///
/// `written` must point to the emitter's `Vec<u8>`, and `bytes` to `length` bytes.
unsafe fn append(written: *mut c_void, bytes: *mut u8, length: u64) -> i32 {
    let length = usize::try_from(length).unwrap_or(0);
    // SAFETY: as the caller promises; the vector is used by nobody else while the emitter runs.
    unsafe {
        (*written.cast::<Vec<u8>>()).extend_from_slice(std::slice::from_raw_parts(bytes, length));
    };
    1
}
