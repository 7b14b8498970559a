//! Derives the description of a module's arguments from a plain struct or enum.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, Field, Fields, Ident, Lit, LitStr, Meta, Type,
    parse_macro_input,
};

/// Derives `Arguments` and `Argument`: decoding with every fault at once, and documentation.
#[proc_macro_derive(Arguments, attributes(arg, arguments))]
pub fn arguments(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand_arguments(&input).unwrap_or_else(Error::into_compile_error).into()
}

/// Derives `Choice` and `Argument` for an enumeration of words.
///
/// A variant's word is its name in snake case, or `#[choice("word")]`; more words are aliases.
#[proc_macro_derive(Choice, attributes(choice))]
pub fn choice(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand_choice(&input).unwrap_or_else(Error::into_compile_error).into()
}

fn expand_arguments(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new_spanned(input, "Arguments needs a struct"));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new_spanned(input, "Arguments needs named fields"));
    };
    let name = &input.ident;
    let doc = docs(&input.attrs);
    if doc.is_empty() {
        return Err(Error::new_spanned(
            name,
            "arguments need a doc comment: it is the module's documentation",
        ));
    }
    let settings = Settings::of(&input.attrs)?;
    let (mut parameters, mut reads, mut idents) = (vec![], vec![], vec![]);
    let mut flattened = vec![];
    for field in &fields.named {
        let ident = field.ident.as_ref().ok_or_else(|| Error::new_spanned(field, "no name"))?;
        if settings.rest.as_ref() == Some(ident) {
            reads.push(quote! {
                let #ident = Some(reader.rest().iter().map(|(key, node)|
                    (key.text.clone(), node.to_value())).collect());
            });
        } else if is_flattened(field) {
            let ty = &field.ty;
            reads.push(quote!(let #ident = <#ty as crate::spec::Arguments>::read(reader);));
            flattened.push(ty);
        } else {
            let (parameter, read) = expand_field(ident, field)?;
            parameters.push(parameter);
            reads.push(read);
        }
        idents.push(ident);
    }
    let rules = settings.rules.map_or_else(|| quote!(&[]), |rules| quote!(#rules));
    let free_form = settings.free_form.map_or_else(|| quote!(None), |name| quote!(Some(#name)));
    let open = settings.rest.is_some();
    let mut all = quote!(&[#(#parameters),*]);
    for ty in flattened {
        all = quote!({
            const OWN: &[crate::spec::Parameter] = #all;
            const MORE: &[crate::spec::Parameter] =
                <#ty as crate::spec::Arguments>::SPEC.parameters;
            &crate::spec::Parameter::join::<{ OWN.len() + MORE.len() }>(OWN, MORE)
        });
    }
    Ok(quote! {
        #[automatically_derived]
        impl crate::spec::Arguments for #name {
            const SPEC: crate::spec::Spec = crate::spec::Spec {
                doc: #doc,
                parameters: #all,
                rules: #rules,
                free_form: #free_form,
                open: #open,
            };
            fn read(reader: &mut crate::spec::Reader<'_, '_>) -> Option<Self> {
                #(#reads)*
                Some(Self { #(#idents: #idents?),* })
            }
        }
        #[automatically_derived]
        impl crate::spec::Argument for #name {
            const KIND: crate::spec::Kind =
                crate::spec::Kind::Options(<Self as crate::spec::Arguments>::SPEC.parameters);
            fn from_node(
                name: &str,
                node: &crate::value::Node,
                reader: &mut crate::spec::Reader<'_, '_>,
            ) -> Option<Self> {
                reader.nested(name, node)
            }
        }
    })
}

/// What `#[arguments(…)]` on the struct says.
#[derive(Default)]
struct Settings {
    rules: Option<Expr>,
    free_form: Option<LitStr>,
    rest: Option<Ident>,
}

impl Settings {
    fn of(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut settings = Self::default();
        for attribute in attributes.iter().filter(|a| a.path().is_ident("arguments")) {
            attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("rules") {
                    settings.rules = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("free_form") {
                    settings.free_form = Some(meta.value()?.parse()?);
                } else if meta.path.is_ident("rest") {
                    settings.rest = Some(meta.value()?.parse()?);
                } else {
                    return Err(meta.error("expected `rules`, `free_form` or `rest`"));
                }
                Ok(())
            })?;
        }
        Ok(settings)
    }
}

/// Whether the field's own settings stand beside this struct's: `#[arg(flatten)]`.
fn is_flattened(field: &Field) -> bool {
    field.attrs.iter().filter(|a| a.path().is_ident("arg")).any(|attribute| {
        matches!(&attribute.meta, Meta::List(list) if list.tokens.to_string() == "flatten")
    })
}

/// One field's `Parameter` and the statement that reads it.
fn expand_field(ident: &Ident, field: &Field) -> syn::Result<(TokenStream, TokenStream)> {
    let doc = docs(&field.attrs);
    if doc.is_empty() {
        return Err(Error::new_spanned(ident, "every argument needs a doc comment"));
    }
    let mut key = ident.to_string().trim_start_matches("r#").to_owned();
    let mut aliases = Vec::<LitStr>::new();
    let mut default = None::<Option<Expr>>;
    for attribute in field.attrs.iter().filter(|a| a.path().is_ident("arg")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("alias") {
                aliases.push(meta.value()?.parse()?);
            } else if meta.path.is_ident("name") {
                key = meta.value()?.parse::<LitStr>()?.value();
            } else if meta.path.is_ident("default") {
                default = Some(meta.value().ok().map(syn::parse::ParseBuffer::parse).transpose()?);
            } else {
                return Err(meta.error("expected `alias`, `name` or `default`"));
            }
            Ok(())
        })?;
    }
    let ty = &field.ty;
    let optional = is_option(ty);
    let required = !optional && default.is_none();
    let shown = match &default {
        Some(Some(Expr::Lit(literal))) => shown_literal(&literal.lit),
        // A variant, such as `Presence::Present`.
        Some(Some(Expr::Path(path))) if path.path.segments.len() > 1 => {
            path.path.segments.last().map(|s| snake_case(&s.ident.to_string())).unwrap_or_default()
        }
        _ => String::new(),
    };
    let shown = match default {
        Some(None) => quote!(<#ty as crate::spec::Argument>::DEFAULT),
        _ => quote!(#shown),
    };
    let fallback = match default {
        Some(Some(expression)) if optional => {
            quote!(Some(Some(::core::convert::From::from(#expression))))
        }
        Some(Some(expression)) => quote!(Some(::core::convert::From::from(#expression))),
        Some(None) => quote!(Some(::core::default::Default::default())),
        None if optional => quote!(Some(None)),
        None => quote!(None),
    };
    let parameter = quote!(crate::spec::Parameter {
        name: #key,
        aliases: &[#(#aliases),*],
        doc: #doc,
        required: #required,
        default: #shown,
        kind: <#ty as crate::spec::Argument>::KIND,
    });
    Ok((parameter, quote!(let #ident = reader.take::<#ty>(#key, #fallback);)))
}

fn expand_choice(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new_spanned(input, "Choice needs an enum"));
    };
    let name = &input.ident;
    let (mut words, mut aliases, mut names, mut arms) = (vec![], vec![], vec![], vec![]);
    let mut default = String::new();
    for variant in &data.variants {
        let ident = &variant.ident;
        let mut own = Vec::<LitStr>::new();
        for attribute in variant.attrs.iter().filter(|a| a.path().is_ident("choice")) {
            let list = attribute.parse_args_with(
                syn::punctuated::Punctuated::<LitStr, syn::Token![,]>::parse_terminated,
            )?;
            own.extend(list);
        }
        if own.is_empty() {
            own.push(LitStr::new(&snake_case(&ident.to_string()), ident.span()));
        }
        let first = own[0].clone();
        if variant.attrs.iter().any(|a| a.path().is_ident("default")) {
            default = first.value();
        }
        words.push(quote!((#first, Self::#ident)));
        aliases.extend(own[1..].iter().map(|word| quote!((#word, Self::#ident))));
        arms.push(quote!(Self::#ident => #first));
        names.push(first);
    }
    Ok(quote! {
        #[automatically_derived]
        impl crate::spec::Choice for #name {
            const WORDS: &'static [(&'static str, Self)] = &[#(#words,)* #(#aliases,)*];
            const NAMES: &'static [&'static str] = &[#(#names),*];
            fn word(self) -> &'static str {
                match self { #(#arms),* }
            }
        }
        #[automatically_derived]
        impl crate::spec::Argument for #name {
            const KIND: crate::spec::Kind =
                crate::spec::Kind::Choice(<Self as crate::spec::Choice>::NAMES);
            const DEFAULT: &'static str = #default;
            fn from_node(
                name: &str,
                node: &crate::value::Node,
                reader: &mut crate::spec::Reader<'_, '_>,
            ) -> Option<Self> {
                <Self as crate::spec::Choice>::from_node(name, node, reader)
            }
        }
    })
}

fn is_option(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|s| s.ident == "Option"))
}

fn shown_literal(literal: &Lit) -> String {
    match literal {
        Lit::Str(text) => text.value(),
        Lit::Bool(flag) => flag.value.to_string(),
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        _ => String::new(),
    }
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for (index, c) in name.chars().enumerate() {
        if c.is_uppercase() && index > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The text of the doc comment.
fn docs(attributes: &[Attribute]) -> String {
    let mut lines = vec![];
    for attribute in attributes.iter().filter(|a| a.path().is_ident("doc")) {
        let Meta::NameValue(pair) = &attribute.meta else { continue };
        let Expr::Lit(literal) = &pair.value else { continue };
        let Lit::Str(text) = &literal.lit else { continue };
        let line = text.value();
        lines.push(line.strip_prefix(' ').unwrap_or(&line).to_owned());
    }
    lines.join("\n").trim().to_owned()
}
