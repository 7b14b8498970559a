//! The engine's environment: Ansible's filters, tests and functions over minijinja's.

use minijinja::value::Value;
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior};

use super::arguments;
use super::compiler::Prepared;
use super::functions;
use super::methods;
use super::objects::Omit;
use super::operators::OPERATORS;
use super::{filters, predicates, python};

/// What the emissions of one template amount to.
#[derive(Default)]
pub(super) struct Emitted {
    pub(super) times: usize,
    pub(super) last: Option<Value>,
}

/// Builds the environment that every template is compiled in.
pub(super) fn build(fuel: u64) -> Environment<'static> {
    let mut env = Environment::empty();
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(fuel));
    env.set_formatter(emit);
    env.set_unknown_method_callback(methods::call);
    for &(name, undefined, call) in OPERATORS {
        arguments::add_filter(&mut env, name, name.to_owned(), undefined, call);
    }
    for filter in filters::all() {
        for called in [filter.name.to_owned(), format!("{}.{}", filter.home, filter.name)] {
            arguments::add_filter(&mut env, filter.name, called, filter.undefined(), filter.call);
        }
    }
    for test in predicates::all() {
        for called in [test.name.to_owned(), format!("{}.{}", test.home, test.name)] {
            arguments::add_test(&mut env, test.name, called, test.undefined, test.call);
        }
        if filters::TESTS.contains(&test.name) {
            let called = test.name.to_owned();
            arguments::add_filter(&mut env, test.name, called, test.undefined, test.call);
        }
    }
    for &(name, call) in functions::FUNCTIONS {
        arguments::add_function(&mut env, name, call);
    }
    env.add_global("omit", Value::from_object(Omit));
    env.add_function("namespace", minijinja::functions::namespace);
    env.add_function("cycler", minijinja_contrib::globals::cycler);
    env.add_function("joiner", minijinja_contrib::globals::joiner);
    env
}

/// Writes one `{{ }}`: nothing for none and `omit`, the rest as Python shows it. Undefined values were
/// refused before, but for that of an `if` without `else`.
fn emit(out: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let lone = state.name().starts_with(Prepared::LONE);
    let emitted = state.get_or_insert_extension_with(Emitted::default);
    if lone {
        emitted.last = Some(value.clone());
        return Ok(());
    }
    if value.is_undefined() || value.is_none() || Omit::is(value) {
        return Ok(());
    }
    emitted.times += 1;
    emitted.last = Some(value.clone());
    match value.as_str() {
        Some(text) => out.write_str(text)?,
        None => out.write_str(&python::text(value)?)?,
    }
    Ok(())
}
