//! A cluster on a terminal.

use super::data::{HostView, Place, Service, Topology, plain};
use crate::report::text::{Text, Tone, count, names};

/// How wide it is drawn, at most.
const WIDEST: usize = 80;

impl Topology {
    /// The cluster as text, for a terminal of so many columns.
    pub fn text(&self, columns: usize, colour: bool) -> String {
        let width = columns.clamp(40, WIDEST);
        let mut page = Page { text: Text::new(colour), width };
        self.put_summary(&mut page);
        for swarm in self.swarms() {
            self.put_swarm(swarm, &mut page);
        }
        for place in &self.hosts {
            page.text.end();
            self.put_host(place, &mut page);
        }
        self.put_networks(&mut page);
        self.put_services(&mut page);
        self.put_registries(&mut page);
        page.text.as_str().to_owned()
    }

    fn put_summary(&self, page: &mut Page) {
        let silent = self.hosts.iter().filter(|place| place.view.is_err()).count();
        let mut parts = vec![
            count(self.hosts.len(), "host"),
            count(self.swarms().len(), "swarm"),
            format!("{} across hosts", count(self.across().len(), "network")),
        ];
        if silent > 0 {
            parts.push(format!("{silent} without an answer"));
        }
        page.line(&[(Tone::Heading, parts.join(", "))]);
    }

    fn put_swarm(&self, swarm: &HostView, page: &mut Page) {
        page.text.end();
        page.line(&[(Tone::Heading, format!("Swarm {}", swarm.swarm.id))]);
        let mut nodes: Vec<_> = swarm.nodes.iter().collect();
        nodes.sort_by_key(|node| (node.role != "manager", self.host_of(node)));
        for node in nodes {
            let role = match (node.role.as_str(), node.leader) {
                ("manager", true) => "manager, leader",
                (role, _) => role,
            };
            let mut state = vec![node.state.as_str(), node.availability.as_str()];
            state.extend(Some(node.reachability.as_str()).filter(|word| !word.is_empty()));
            let good = node.state == "ready" && node.reachability != "unreachable";
            page.line(&[
                (Tone::Plain, format!("  {} ", pad(self.host_of(node), 24))),
                (Tone::Plain, format!("{} ", pad(role, 16))),
                (if good { Tone::Ok } else { Tone::Failed }, state.join(", ")),
            ]);
        }
    }

    fn put_host(&self, place: &Place, page: &mut Page) {
        let view = match &place.view {
            Ok(view) => view,
            Err(why) => {
                page.head(&place.name, "does not answer", Tone::Failed);
                for line in why.lines().take(2) {
                    page.row(&[(Tone::Failed, line.to_owned())]);
                }
                return page.foot();
            }
        };
        let mut title = vec![format!("Docker {}", view.engine.version)];
        match self.node_of(view) {
            Some(node) if node.leader => title.push("manager, leader".to_owned()),
            Some(node) => title.push(node.role.clone()),
            None if view.swarm.state == "active" => title.push("in a swarm".to_owned()),
            None if matches!(view.swarm.state.as_str(), "" | "inactive") => {}
            None => title.push(format!("swarm {}", view.swarm.state)),
        }
        page.head(&place.name, &title.join(", "), Tone::Dim);
        for container in view.sorted() {
            let tone = match container.state.as_str() {
                "running" => Tone::Ok,
                "exited" | "dead" => Tone::Failed,
                _ => Tone::Changed,
            };
            let mut more = vec![plain(&container.image).to_owned()];
            more.extend(container.ports.iter().cloned());
            page.row(&[
                (Tone::Plain, format!("{} ", pad(container.short_name(), 22))),
                (tone, format!("{} ", pad(&container.state, 10))),
                (Tone::Plain, more.join(" ")),
            ]);
        }
        if view.containers.is_empty() {
            page.row(&[(Tone::Dim, "no containers".to_owned())]);
        }
        let mut networks: Vec<_> =
            view.networks.iter().filter(|n| !n.is_across() && !n.is_empty_kind()).collect();
        networks.sort_by(|a, b| a.name.cmp(&b.name));
        for network in networks {
            let text = format!("{} ({}) {}", network.name, network.driver, network.ranges());
            page.row(&[(Tone::Dim, format!("network {}", text.trim_end()))]);
        }
        if !view.engine.cluster_store.is_empty() {
            page.row(&[(Tone::Dim, format!("store {}", view.engine.cluster_store))]);
        }
        if !view.error.is_empty() {
            page.row(&[(Tone::Failed, view.error.clone())]);
        }
        page.foot();
    }

    fn put_networks(&self, page: &mut Page) {
        let across = self.across();
        if across.is_empty() {
            return;
        }
        page.section("Networks across hosts");
        for (network, hosts) in across {
            let hosts = names(hosts.iter().copied(), 6);
            page.line(&[
                (Tone::Plain, format!("  {} ", pad(&network.name, 18))),
                (Tone::Plain, format!("{} ", pad(&network.driver, 8))),
                (Tone::Plain, format!("{} ", pad(&network.ranges(), 18))),
                (Tone::Dim, hosts),
            ]);
        }
    }

    fn put_services(&self, page: &mut Page) {
        let swarms = self.swarms();
        let mut all: Vec<(&HostView, &Service)> = swarms
            .iter()
            .flat_map(|swarm| swarm.services.iter().map(move |s| (*swarm, s)))
            .collect();
        if all.is_empty() {
            return;
        }
        all.sort_by(|(_, a), (_, b)| a.name.cmp(&b.name));
        page.section("Services");
        for (swarm, service) in all {
            let places = self.places(swarm, service);
            let running: usize = places.iter().map(|(_, number)| number).sum();
            let (wanted, good) = match service.replicas {
                Some(wanted) => (format!("{running}/{wanted}"), running as u64 == wanted),
                None => (format!("{running} {}", service.mode), true),
            };
            page.line(&[
                (Tone::Plain, format!("  {} ", pad(&service.name, 18))),
                (if good { Tone::Ok } else { Tone::Failed }, format!("{} ", pad(&wanted, 8))),
                (Tone::Plain, format!("{} {}", plain(&service.image), service.ports.join(" "))),
            ]);
            let on: Vec<String> = places
                .iter()
                .map(|(name, number)| match number {
                    1 => (*name).to_owned(),
                    number => format!("{name} ×{number}"),
                })
                .collect();
            if !on.is_empty() {
                page.line(&[(Tone::Dim, format!("      on {}", on.join(", ")))]);
            }
            let error = swarm
                .tasks
                .iter()
                .find(|task| task.service == service.id && !task.error.is_empty());
            if let Some(task) = error.filter(|_| !good) {
                page.line(&[(Tone::Failed, format!("      {}", task.error))]);
            }
        }
    }

    fn put_registries(&self, page: &mut Page) {
        let of_host = |(name, view): (&str, &HostView)| -> Vec<(String, String)> {
            let registries = view.sorted().into_iter().filter(|c| c.is_registry());
            registries
                .map(|c| {
                    let ports = if c.ports.is_empty() {
                        "not published".to_owned()
                    } else {
                        c.ports.join(" ")
                    };
                    (format!("{name}: {}", c.short_name()), format!("{} {ports}", plain(&c.image)))
                })
                .collect()
        };
        let all: Vec<_> = self.told().flat_map(of_host).collect();
        if all.is_empty() {
            return;
        }
        page.section("Registries");
        for (name, what) in all {
            page.line(&[(Tone::Plain, format!("  {} {what}", pad(&name, 27)))]);
        }
    }
}

/// A text of a fixed width in the making.
struct Page {
    text: Text,
    width: usize,
}

impl Page {
    /// A line; what is too long is cut off.
    fn line(&mut self, pieces: &[(Tone, String)]) {
        self.pieces(pieces, self.width);
        self.text.end();
    }

    fn section(&mut self, title: &str) {
        self.text.end();
        self.line(&[(Tone::Heading, title.to_owned())]);
    }

    /// The upper edge of a box.
    fn head(&mut self, name: &str, title: &str, tone: Tone) {
        let name = cut(name, self.width - 10);
        let title = cut(title, self.width.saturating_sub(8 + wide(&name)));
        let used = 3 + wide(&name) + 2 + wide(&title) + 2;
        self.text.put(Tone::Dim, "┌─ ").put(Tone::Heading, name).plain("  ").put(tone, title);
        self.text
            .put(Tone::Dim, format!(" {}┐", "─".repeat(self.width.saturating_sub(used))))
            .end();
    }

    /// A line in a box.
    fn row(&mut self, pieces: &[(Tone, String)]) {
        let inner = self.width - 4;
        self.text.put(Tone::Dim, "│ ");
        let used = self.pieces(pieces, inner);
        self.text.plain(" ".repeat(inner - used)).put(Tone::Dim, " │").end();
    }

    /// The lower edge of a box.
    fn foot(&mut self) {
        self.text.put(Tone::Dim, format!("└{}┘", "─".repeat(self.width - 2))).end();
    }

    /// Puts pieces into so many columns; gives how many they take.
    fn pieces(&mut self, pieces: &[(Tone, String)], columns: usize) -> usize {
        let mut used = 0;
        for (tone, piece) in pieces {
            let piece = cut(piece, columns - used);
            used += wide(&piece);
            self.text.put(*tone, piece);
        }
        used
    }
}

/// A text on one line, without what could steer the terminal.
fn tame(text: &str) -> String {
    crate::report::text::visible(text).replace(['\n', '\t'], " ")
}

fn wide(text: &str) -> usize {
    console::measure_text_width(text)
}

/// A text of at most so many columns.
fn cut(text: &str, columns: usize) -> String {
    if columns == 0 {
        return String::new();
    }
    console::truncate_str(tame(text).trim_end_matches('\n'), columns, "…").into_owned()
}

/// A text of exactly so many columns.
fn pad(text: &str, columns: usize) -> String {
    let text = cut(text, columns);
    let filling = columns - wide(&text);
    format!("{text}{}", " ".repeat(filling))
}
