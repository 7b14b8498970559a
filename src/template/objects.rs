//! Lists, mappings and scopes as the engine sees them: rendered when touched, and changeable.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, State};

use super::context::Context;
use super::part::{Part, Step};
use super::{mutators, python};

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The value of `omit`.
#[derive(Debug)]
pub(super) struct Omit;

impl Omit {
    pub(super) fn is(value: &Value) -> bool {
        value.downcast_object_ref::<Self>().is_some()
    }
}

impl Object for Omit {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("omit")
    }
}

/// Where the items come from that were not touched yet.
#[derive(Debug, Clone)]
struct Origin {
    context: Arc<Context>,
    part: Part,
}

/// A list.
#[derive(Debug)]
pub(super) struct List(Mutex<Items>);

#[derive(Debug)]
struct Items {
    origin: Option<Origin>,
    /// `None` where an item was not touched yet.
    items: Vec<Option<Value>>,
}

impl List {
    pub(super) fn new(items: Vec<Value>) -> Self {
        let items = items.into_iter().map(Some).collect();
        Self(Mutex::new(Items { origin: None, items }))
    }

    pub(super) fn value(items: Vec<Value>) -> Value {
        Value::from_object(Self::new(items))
    }

    pub(super) fn of(context: Arc<Context>, part: Part) -> Self {
        let items = vec![None; part.len()];
        Self(Mutex::new(Items { origin: Some(Origin { context, part }), items }))
    }

    fn len(&self) -> usize {
        lock(&self.0).items.len()
    }

    fn get(&self, index: usize) -> Option<Value> {
        let origin = {
            let items = lock(&self.0);
            match items.items.get(index)? {
                Some(value) => return Some(value.clone()),
                None => items.origin.clone()?,
            }
        };
        // Not under the lock: the item's template may use this very list.
        let value = origin.context.child(&origin.part, Step::Index(index))?;
        let mut items = lock(&self.0);
        items.items.get_mut(index).map(|slot| slot.get_or_insert(value).clone())
    }

    /// An item that is undefined, among those that were touched: the others are not evaluated for
    /// it.
    pub(super) fn undefined(&self) -> Option<Value> {
        lock(&self.0).items.iter().flatten().find(|item| item.is_undefined()).cloned()
    }

    pub(super) fn all(&self) -> Vec<Value> {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default()).collect()
    }

    /// Runs `f` on the items, to change them.
    pub(super) fn change<R>(&self, f: impl FnOnce(&mut Vec<Value>) -> R) -> R {
        let mut all = self.all();
        let result = f(&mut all);
        let mut items = lock(&self.0);
        items.origin = None;
        items.items = all.into_iter().map(Some).collect();
        result
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if key.kind() != ValueKind::Number {
            return None;
        }
        let index = key.as_i64()?;
        let index = if index < 0 { index + i64::try_from(self.len()).ok()? } else { index };
        self.get(usize::try_from(index).ok()?)
    }

    fn get_value_by_str(self: &Arc<Self>, _key: &str) -> Option<Value> {
        None
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.len())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        mutators::undefined(args).map_or_else(|| mutators::list(self, method, args), Ok)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        python::write_repr(f, &Value::from_dyn_object(Arc::clone(self))).map_err(|_| fmt::Error)
    }
}

/// A mapping.
#[derive(Debug)]
pub(super) struct Mapping(Mutex<Entries>);

#[derive(Debug)]
enum Entries {
    /// Out of the variables, with the entries that were touched.
    Lazy(Origin, HashMap<String, Value>),
    Owned(IndexMap<Value, Value>),
}

impl Mapping {
    pub(super) fn new(pairs: impl IntoIterator<Item = (Value, Value)>) -> Self {
        Self(Mutex::new(Entries::Owned(pairs.into_iter().collect())))
    }

    pub(super) fn value(pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
        Value::from_object(Self::new(pairs))
    }

    pub(super) fn of(context: Arc<Context>, part: Part) -> Self {
        Self(Mutex::new(Entries::Lazy(Origin { context, part }, HashMap::new())))
    }

    /// An item that is undefined, among those that were touched: the others are not evaluated for
    /// it.
    pub(super) fn undefined(&self) -> Option<Value> {
        match &*lock(&self.0) {
            Entries::Lazy(_, touched) => touched.values().find(|item| item.is_undefined()).cloned(),
            Entries::Owned(pairs) => pairs.values().find(|item| item.is_undefined()).cloned(),
        }
    }

    fn len(&self) -> usize {
        match &*lock(&self.0) {
            Entries::Lazy(origin, _) => origin.part.len(),
            Entries::Owned(pairs) => pairs.len(),
        }
    }

    fn keys(&self) -> Vec<Value> {
        match &*lock(&self.0) {
            Entries::Lazy(origin, _) => origin.part.keys().into_iter().map(Value::from).collect(),
            Entries::Owned(pairs) => pairs.keys().cloned().collect(),
        }
    }

    fn get(&self, key: &str) -> Option<Value> {
        let origin = match &*lock(&self.0) {
            Entries::Lazy(origin, touched) => match touched.get(key) {
                Some(value) => return Some(value.clone()),
                None => origin.clone(),
            },
            Entries::Owned(pairs) => return pairs.get(&Value::from(key)).cloned(),
        };
        // Not under the lock: the entry's template may use this very mapping.
        let value = origin.context.child(&origin.part, Step::Key(key.into()))?;
        if let Entries::Lazy(_, touched) = &mut *lock(&self.0) {
            return Some(touched.entry(key.to_owned()).or_insert(value).clone());
        }
        Some(value)
    }

    /// Runs `f` on the entries, to change them.
    pub(super) fn change<R>(&self, f: impl FnOnce(&mut IndexMap<Value, Value>) -> R) -> R {
        let lazy = matches!(&*lock(&self.0), Entries::Lazy(..));
        if lazy {
            let pairs = self
                .keys()
                .into_iter()
                .filter_map(|key| Some((key.clone(), self.get(key.as_str()?)?)))
                .collect();
            *lock(&self.0) = Entries::Owned(pairs);
        }
        match &mut *lock(&self.0) {
            Entries::Owned(pairs) => f(pairs),
            Entries::Lazy(..) => f(&mut IndexMap::new()),
        }
    }
}

impl Object for Mapping {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        if let Some(text) = key.as_str() {
            return self.get(text);
        }
        if let Entries::Owned(pairs) = &*lock(&self.0)
            && let Some(value) = pairs.get(key)
        {
            return Some(value.clone());
        }
        // Keys out of files are kept by their text: `80` is found by 80.
        self.get(&python::text(key).ok()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.keys())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.len())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        mutators::undefined(args).map_or_else(|| mutators::mapping(self, method, args), Ok)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        python::write_repr(f, &Value::from_dyn_object(Arc::clone(self))).map_err(|_| fmt::Error)
    }
}

/// The variables of a scope, as the root of a template or as a mapping such as `hostvars`.
#[derive(Debug)]
pub(super) struct Variables(pub(super) Arc<Context>);

impl Object for Variables {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.variable(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.variable(key)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.names().into_iter().map(Value::from).collect())
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        python::write_repr(f, &Value::from_dyn_object(Arc::clone(self))).map_err(|_| fmt::Error)
    }
}
