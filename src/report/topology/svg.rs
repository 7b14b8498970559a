//! A cluster as a picture for a page: one file, without scripts or anything from elsewhere.

use std::fmt::Write as _;

use super::data::{Network, Place, Topology, plain};
use crate::report::text::visible;

/// How many hosts stand beside each other.
const COLUMNS: usize = 4;
/// Sizes, in the picture's own unit.
const BOX: usize = 250;
const GAP: usize = 20;
const LINE: usize = 18;
const BAR: usize = 22;
/// The most lines of a box.
const MOST: usize = 24;

/// Colours by name, for light and for dark pages.
const STYLE: &str = "\
svg{font-family:ui-sans-serif,system-ui,sans-serif;font-size:12px}\
.page{fill:#fff}.host{fill:#f6f8fa;stroke:#8c959f}.silent{fill:#fff1f0;stroke:#cf222e;stroke-dasharray:6 4}\
text{fill:#1f2328}.name{font-weight:600;font-size:14px}.dim{fill:#59636e}.bad{fill:#cf222e}\
.run{fill:#1a7f37}.stop{fill:#cf222e}.other{fill:#9a6700}.tag{fill:#1f2328}\
.n0{fill:#9ec5fe;stroke:#3d7dd8}.n1{fill:#b5e3c0;stroke:#2f8f4e}.n2{fill:#f9d99a;stroke:#b7791f}\
.n3{fill:#e2c5f5;stroke:#8250df}.n4{fill:#ffc9bd;stroke:#d1512d}.n5{fill:#b8e6e6;stroke:#1b7c83}\
@media(prefers-color-scheme:dark){.page{fill:#0d1117}.host{fill:#161b22;stroke:#57606a}\
.silent{fill:#2d1214;stroke:#ff7b72}text{fill:#e6edf3}.dim{fill:#9198a1}.bad{fill:#ff7b72}\
.run{fill:#3fb950}.stop{fill:#ff7b72}.other{fill:#d29922}}";

impl Topology {
    /// The cluster as an SVG document with this title.
    pub fn svg(&self, title: &str) -> String {
        let across = self.across();
        let columns = self.hosts.len().clamp(1, COLUMNS);
        let width = GAP + columns * (BOX + GAP);
        let mut body = String::new();
        let mut y = GAP + 40;
        for row in self.hosts.chunks(COLUMNS) {
            let lines: Vec<Vec<Line>> = row.iter().map(|place| self.lines(place)).collect();
            let height = 40 + lines.iter().map(Vec::len).max().unwrap_or(0) * LINE + 10;
            let bars = y + height + GAP;
            // The ways to the networks lie behind the bars.
            for (number, (_, hosts)) in across.iter().enumerate() {
                for (column, place) in row.iter().enumerate() {
                    if hosts.contains(&place.name.as_str()) {
                        let x = GAP + column * (BOX + GAP) + 20 + number % 12 * 18;
                        let end = bars + number * (BAR + 6);
                        let class = number % 6;
                        let _ = write!(
                            body,
                            r#"<rect class="n{class}" x="{x}" y="{}" width="5" height="{}"/>"#,
                            y + height,
                            end - y - height
                        );
                    }
                }
            }
            for (number, (network, _)) in across.iter().enumerate() {
                put_bar(&mut body, network, number, bars + number * (BAR + 6), width);
            }
            for (column, (place, lines)) in row.iter().zip(&lines).enumerate() {
                put_host(&mut body, place, lines, GAP + column * (BOX + GAP), y, height);
            }
            y = bars + across.len() * (BAR + 6) + GAP;
        }
        let summary = self.summary();
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{y}\" \
             viewBox=\"0 0 {width} {y}\" role=\"img\" aria-label=\"{label}\">\
             <title>{label}</title><style>{STYLE}</style>\
             <rect class=\"page\" width=\"{width}\" height=\"{y}\"/>\
             <text class=\"name\" x=\"{GAP}\" y=\"32\">{label}</text>\
             <text class=\"dim\" x=\"{GAP}\" y=\"50\">{summary}</text>{body}</svg>\n",
            label = escape(title),
            summary = escape(&summary),
        )
    }

    /// The services, and how many of their tasks run.
    fn summary(&self) -> String {
        let mut parts = vec![];
        for swarm in self.swarms() {
            for service in &swarm.services {
                let running: usize = self.places(swarm, service).iter().map(|(_, n)| n).sum();
                parts.push(match service.replicas {
                    Some(wanted) => format!("{} {running}/{wanted}", service.name),
                    None => format!("{} {running}", service.name),
                });
            }
        }
        parts.sort();
        parts.join(" · ")
    }

    /// What stands in a host's box.
    fn lines(&self, place: &Place) -> Vec<Line> {
        let view = match &place.view {
            Ok(view) => view,
            Err(why) => return vec![Line::new("bad", "", why)],
        };
        let mut lines = vec![];
        let role = self.node_of(view).map(|node| {
            let leader = if node.leader { ", leader" } else { "" };
            let away = if node.availability == "active" { "" } else { &node.availability };
            format!(" · {}{leader} {away}", node.role)
        });
        let title = format!("Docker {}{}", view.engine.version, role.unwrap_or_default());
        lines.push(Line::new("dim", "", title.trim_end()));
        for container in view.sorted() {
            let dot = match container.state.as_str() {
                "running" => "run",
                "exited" | "dead" => "stop",
                _ => "other",
            };
            lines.push(Line::new("tag", dot, container.short_name()));
            let registry = if container.is_registry() { "registry · " } else { "" };
            let more =
                format!("{registry}{} {}", plain(&container.image), container.ports.join(" "));
            lines.push(Line::new("dim", "", &format!("    {}", more.trim_end())));
        }
        for network in view.networks.iter().filter(|n| !n.is_across() && !n.is_empty_kind()) {
            lines.push(Line::new("dim", "", &format!("{} {}", network.name, network.ranges())));
        }
        if lines.len() > MOST {
            let more = lines.len() - MOST + 1;
            lines.truncate(MOST - 1);
            lines.push(Line::new("dim", "", &format!("and {more} more lines")));
        }
        lines
    }
}

/// A line of a box.
struct Line {
    class: &'static str,
    /// The class of the dot before it; none where it is empty.
    dot: &'static str,
    text: String,
}

impl Line {
    fn new(class: &'static str, dot: &'static str, text: &str) -> Self {
        Self { class, dot, text: escape(&cut(text, 38)) }
    }
}

fn put_host(body: &mut String, place: &Place, lines: &[Line], x: usize, y: usize, height: usize) {
    let class = if place.view.is_ok() { "host" } else { "silent" };
    let name = escape(&cut(&place.name, 30));
    let _ = write!(
        body,
        "<g><title>{name}</title><rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{BOX}\" \
         height=\"{height}\" rx=\"8\"/><text class=\"name\" x=\"{}\" y=\"{}\">{name}</text>",
        x + 12,
        y + 24
    );
    for (number, line) in lines.iter().enumerate() {
        let y = y + 44 + number * LINE;
        if !line.dot.is_empty() {
            let _ = write!(
                body,
                r#"<circle class="{}" cx="{}" cy="{}" r="4"/>"#,
                line.dot,
                x + 16,
                y - 4
            );
        }
        let indent = if line.dot.is_empty() { 12 } else { 26 };
        let _ = write!(
            body,
            r#"<text class="{}" x="{}" y="{y}" xml:space="preserve">{}</text>"#,
            line.class,
            x + indent,
            line.text
        );
    }
    body.push_str("</g>");
}

fn put_bar(body: &mut String, network: &Network, number: usize, y: usize, width: usize) {
    let text = format!("{}  {}  {}", network.name, network.driver, network.ranges());
    let _ = write!(
        body,
        "<g><rect class=\"n{}\" x=\"{GAP}\" y=\"{y}\" width=\"{}\" height=\"{BAR}\" rx=\"4\"/>\
         <text style=\"fill:#1f2328\" x=\"{}\" y=\"{}\" xml:space=\"preserve\">{}</text></g>",
        number % 6,
        width - 2 * GAP,
        GAP + 10,
        y + 15,
        escape(&text)
    );
}

fn cut(text: &str, most: usize) -> String {
    let text = text.lines().next().unwrap_or_default();
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// Text that is nothing but text in XML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            // What XML 1.0 cannot hold at all.
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
