use super::*;
use serde_json::json;

/// Loads `/srv/app/compose.yml` and what it needs out of these files.
fn load(files: &[(&str, &str)], edit: impl FnOnce(&mut Wanted)) -> Result<Project, String> {
    let mut wanted = Wanted {
        folder: "/srv/app".to_owned(),
        sources: vec![path("compose.yml")],
        home: "/root".to_owned(),
        contents: true,
        ..Wanted::default()
    };
    edit(&mut wanted);
    let redactor = Redactor::default();
    let mut fetched = Files::default();
    for _ in 0..10 {
        let mut loader = Loader::new(&wanted, &fetched, &redactor);
        match loader.load() {
            Ok(Loaded::Project(project)) => return Ok(*project),
            Ok(Loaded::Needs(paths)) => {
                for path in paths {
                    let text = files.iter().find(|(name, _)| format!("/srv/app/{name}") == path);
                    fetched.0.insert(path, text.map(|(_, text)| Bytes::from((*text).to_owned())));
                }
            }
            Err(faults) => {
                let render = |fault: &Diagnostic| fault.render(&loader.sources, &redactor, false);
                return Err(faults.iter().map(render).collect::<Vec<_>>().join("\n"));
            }
        }
    }
    panic!("it asks for ever");
}

fn path(name: &str) -> Source {
    Source::Path(format!("/srv/app/{name}"))
}

fn one(text: &str) -> Result<Project, String> {
    load(&[("compose.yml", text)], |_| {})
}

#[test]
fn files_variables_and_includes_make_one_project() {
    let files = [
        (
            "compose.yml",
            "
name: shop
include: [db/compose.yml]
services:
  web:
    extends: {file: common.yml, service: base}
    image: app:${TAG:-1}
    env_file: [web.env]
    environment: {A: own, FROM_CALLER: }
    depends_on: [db]
    ports: [\"${PORT}:80\"]
    volumes: ['./data:/data', 'logs:/logs', '~/k:/k:ro']
  debug: {image: tools, profiles: [dev]}
volumes: {logs: }
secrets: {key: {file: ./key}}
",
        ),
        (
            "common.yml",
            "services: {base: {build: ., environment: [A=base, B=base], restart: always}}",
        ),
        ("db/compose.yml", "services: {db: {image: 'db:${DB}', volumes: ['./d:/d']}}"),
        ("db/.env", "DB=9\nPORT=1"),
        (".env", "PORT=8080\nTAG=2"),
        ("web.env", "A=file\nC=$PORT"),
        ("key", "s3"),
    ];
    let project = load(&files, |wanted| {
        wanted.variables = [("TAG", "3"), ("FROM_CALLER", "yes")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into();
    })
    .unwrap();
    assert_eq!(project.name, "shop");
    assert_eq!(project.in_order(), ["db", "web"]);
    assert_eq!(project.disabled, ["debug"]);
    let web = &project.services["web"];
    assert_eq!(web.image.as_deref(), Some("app:3"));
    assert_eq!(web.build().unwrap().context, "/srv/app");
    assert_eq!(web.restart.as_deref(), Some("always"));
    let environment: Vec<_> = web.process.environment.texts().collect();
    assert_eq!(environment, [("A", "own"), ("C", "8080"), ("B", "base"), ("FROM_CALLER", "yes")]);
    assert_eq!(web.networking.ports.0[0].published, Some((8080, 8080)));
    let sources: Vec<_> = web.mounts().iter().map(|m| m.source.clone().unwrap()).collect();
    assert_eq!(sources, ["/srv/app/data", "logs", "/root/k"]);
    assert_eq!(project.services["db"].image.as_deref(), Some("db:9"));
    assert_eq!(project.services["db"].mounts()[0].source.as_deref(), Some("/srv/app/db/d"));
    assert_eq!(project.networks.keys().collect::<Vec<_>>(), ["default"]);
    assert_eq!(project.network_name("default"), "shop_default");
    assert_eq!(&project.contents["secrets/key"][..], b"s3");
}

#[test]
fn upper_files_and_profiles() {
    let files = [
        (
            "compose.yml",
            "services: {web: {image: a, command: x y}, dev: {image: b, profiles: [d]}}",
        ),
        (
            "over.yml",
            "services: {web: {command: [z], networks: [n]}}\nnetworks: {n: {external: true}}",
        ),
    ];
    let project = load(&files, |wanted| {
        wanted.sources.push(path("over.yml"));
        wanted.profiles = vec!["d".to_owned()];
    })
    .unwrap();
    assert_eq!(project.services.len(), 2);
    assert_eq!(project.services["web"].process.command.as_ref().unwrap().0, ["z"]);
    assert_eq!(project.network_name("n"), "n");
    assert_eq!(project.name, "app");
}

#[test]
fn definitions_need_no_files() {
    let definition = json!({"services": {"web": {"image": "a", "ports": [80]}}});
    let project = load(&[], |wanted| {
        wanted.sources = vec![Source::Definition(Node::from_value(&definition, Span::NOWHERE))];
    })
    .unwrap();
    assert_eq!(project.services["web"].networking.ports.0[0].target, 80);
}

#[test]
fn a_definition_may_be_of_version_1() {
    let definition = json!({"web": {"image": "a"}, "db": {"image": "b"}});
    let project = load(&[], |wanted| {
        wanted.sources = vec![Source::Definition(Node::from_value(&definition, Span::NOWHERE))];
    })
    .unwrap();
    assert_eq!(project.services.len(), 2);
}

#[test]
fn version_1_and_words_of_yaml() {
    let project =
        one("web:\n  image: a\n  environment:\n    A: yes\n    B: 1.10\n  ports: [22:22]\n")
            .unwrap();
    let web = &project.services["web"];
    assert_eq!(web.process.environment.texts().next(), Some(("A", "yes")));
    assert_eq!(web.networking.ports.0[0].published, Some((22, 22)));
}

#[test]
fn faults_are_told_with_their_places() {
    let all = [
        one("services: {web: {image: a, networks: [bak]}}\nnetworks: {back: }"),
        one("services: {web: {image: a, depends_on: [db]}, db: {image: b, depends_on: [web]}}"),
        one("services: {web: {command: x}}"),
        one("services: {web: {image: '${TAG:?say}'}}"),
        one("services: {web: {extends: {service: no}}}"),
        one("services: [a]"),
        one("services: {web: {image: a, env_file: no.env}}"),
        load(&[], |_| {}),
        one("name: Ä b\nservices: {web: {image: a}}"),
    ]
    .map(|result| result.unwrap_err());
    insta::assert_snapshot!(all.join("\n"), @r#"
    error[compose-undefined]: service `web` names the network `bak`, which is not defined
     --> /srv/app/compose.yml:1:38
      |
    1 | services: {web: {image: a, networks: [bak]}}
      |                                      ^^^^^ here
      |
      = help: did you mean `back`?
    error[compose-circle]: services need one another: web → db → web
    error[compose-image]: service `web` has neither `image` nor `build`
     --> /srv/app/compose.yml:1:17
      |
    1 | services: {web: {command: x}}
      |                 ^^^^^^^^^^^^ this service
    error[compose-variable]: the variable `TAG` is required and has no value: say
     --> /srv/app/compose.yml:1:25
      |
    1 | services: {web: {image: '${TAG:?say}'}}
      |                         ^^^^^^^^^^^^^ in this value
      |
      = help: set `TAG` in the task's `environment` or in an env file
    error[compose-extends]: /srv/app/compose.yml has no service `no` to extend
     --> /srv/app/compose.yml:1:27
      |
    1 | services: {web: {extends: {service: no}}}
      |                           ^^^^^^^^^^^^^ here
    error[argument-type]: `compose.services` must be a mapping
     --> /srv/app/compose.yml:1:11
      |
    1 | services: [a]
      |           ^^^ this is a list
    error[compose-file]: /srv/app/no.env is not there
    error[compose-file]: /srv/app/compose.yml is not there
    error[compose-name]: `Ä b` is no name of a project: it has lower-case letters, digits, `-` and `_`
     |
     = help: give one with `project_name`, or with `name` in the file
    "#);
}

#[test]
fn two_files_may_extend_services_of_one_another() {
    let files = [
        (
            "compose.yml",
            "services: {web: {extends: {file: b.yml, service: base}}, common: {image: x}}",
        ),
        (
            "b.yml",
            "services: {base: {image: y}, worker: {extends: {file: compose.yml, service: common}}}",
        ),
    ];
    let project = load(&files, |_| {}).unwrap();
    assert_eq!(project.services["web"].image.as_deref(), Some("y"));
}

#[test]
fn services_that_extend_one_another_are_a_fault() {
    let files = [
        ("compose.yml", "services: {web: {extends: {file: sub/b.yml, service: base}}}"),
        ("sub/b.yml", "services: {base: {extends: {file: ../compose.yml, service: web}}}"),
    ];
    let across = load(&files, |_| {}).unwrap_err();
    let alone = one("services: {a: {extends: b}, b: {extends: a}}").unwrap_err();
    insta::assert_snapshot!(format!("{across}\n{alone}"), @r#"
    error[compose-extends]: services extend one another: `web` of /srv/app/compose.yml → `base` of /srv/app/sub/b.yml → `web` of /srv/app/compose.yml
     --> /srv/app/sub/b.yml:1:28
      |
    1 | services: {base: {extends: {file: ../compose.yml, service: web}}}
      |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ here
    error[compose-extends]: services extend one another: `a` of /srv/app/compose.yml → `b` of /srv/app/compose.yml → `a` of /srv/app/compose.yml
     --> /srv/app/compose.yml:1:42
      |
    1 | services: {a: {extends: b}, b: {extends: a}}
      |                                          ^ here
    "#);
}

#[test]
fn a_build_keeps_its_folder_whoever_is_laid_over_it() {
    let files = [
        (
            "compose.yml",
            "
include: [sub/compose.yml]
services:
  text: {build: ./web}
  none: {build: {target: a}}
  child: {extends: {file: other/base.yml, service: base}, build: {args: {A: 1}}}
  plain: {extends: {file: other/base.yml, service: plain}}
",
        ),
        ("other/base.yml", "services: {base: {build: ./api}, plain: {build: {target: b}}}"),
        ("sub/compose.yml", "services: {below: {build: {target: c}}}"),
        ("over.yml", "services: {text: {build: {target: dev}}, none: {build: {target: dev}}}"),
    ];
    let project = load(&files, |wanted| wanted.sources.push(path("over.yml"))).unwrap();
    let shown = project.services.iter().map(|(name, service)| {
        let build = service.build().unwrap();
        format!("{name}: {} {}", build.context, build.target.as_deref().unwrap_or("-"))
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @r#"
    below: /srv/app/sub c
    text: /srv/app/web dev
    none: /srv/app dev
    child: /srv/app/other/api -
    plain: /srv/app b
    "#);
}

#[test]
fn a_port_is_published_once_however_it_is_spelt() {
    let files = [
        (
            "compose.yml",
            "services: {web: {image: a, ports: ['80:80', '90-91:90-91', '53:53/udp']}}",
        ),
        (
            "over.yml",
            "services: {web: {ports: [{target: 80, published: 80, mode: host}, '91:91/tcp', '0.0.0.0:90:90', '127.0.0.1:80:80', '53:53']}}",
        ),
    ];
    let project = load(&files, |wanted| wanted.sources.push(path("over.yml"))).unwrap();
    let shown = project.services["web"].networking.ports.0.iter().map(|port| {
        let (address, mode) = (port.host_ip.as_deref(), port.mode.as_deref());
        format!("{address:?} {:?} {}/{} {mode:?}", port.published, port.target, port.protocol)
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @r#"
    None Some((80, 80)) 80/tcp Some("host")
    Some("0.0.0.0") Some((90, 90)) 90/tcp None
    None Some((91, 91)) 91/tcp None
    None Some((53, 53)) 53/udp None
    Some("127.0.0.1") Some((80, 80)) 80/tcp None
    None Some((53, 53)) 53/tcp None
    "#);
}

#[test]
fn files_of_variables_see_those_before_them() {
    let files = [
        (
            "compose.yml",
            "services: {web: {image: a, env_file: [a.env, b.env], environment: {OWN: o, B: own}}}",
        ),
        ("a.env", "A=1\nL=a\nP=file"),
        ("b.env", "L=b\nX=$A$L$OWN$P"),
        (".env", "P=project"),
    ];
    let project = load(&files, |_| {}).unwrap();
    let environment: Vec<_> = project.services["web"].process.environment.texts().collect();
    assert_eq!(environment[3], ("X", "1boproject"));
    let files = [
        ("compose.yml", "services: {web: {image: a, env_file: a.env}}"),
        ("a.env", "PASSWORD=a$b\nNAME=\"x\" # y\n"),
    ];
    let project = load(&files, |wanted| wanted.stack = true).unwrap();
    let environment: Vec<_> = project.services["web"].process.environment.texts().collect();
    assert_eq!(environment, [("PASSWORD", "a$b"), ("NAME", "\"x\" # y")]);
}

#[test]
fn sources_are_laid_over_one_another_in_their_order() {
    let definition = Source::Definition(Node::from_value(
        &json!({"services": {"web": {"image": "b"}}}),
        Span::NOWHERE,
    ));
    let files = [("compose.yml", "services: {web: {image: a}}")];
    let image = |edit: fn(&mut Vec<Source>, Source)| {
        let project = load(&files, |wanted| edit(&mut wanted.sources, definition.clone())).unwrap();
        project.services["web"].image.clone().unwrap()
    };
    assert_eq!(image(Vec::push), "b");
    assert_eq!(image(|all, one| all.insert(0, one)), "a");
}

#[test]
fn a_definition_has_no_folder() {
    let of = |definition: serde_json::Value| {
        load(&[], |wanted| {
            wanted.folder = String::new();
            wanted.here = "/root".to_owned();
            wanted.name = Some("p".to_owned());
            wanted.sources = vec![Source::Definition(Node::from_value(&definition, Span::NOWHERE))];
        })
    };
    let all = [
        json!({"services": {"a": {"image": "a", "volumes": ["./x:/x"]}}}),
        json!({"services": {"a": {"image": "a", "volumes": [{"type": "bind", "source": "x", "target": "/x"}]}}}),
        json!({"services": {"a": {"image": "a", "env_file": "a.env", "label_file": ["b"]}}}),
        json!({"services": {"a": {"image": "a"}}, "secrets": {"k": {"file": "./k"}}}),
        json!({"services": {"a": {"extends": {"file": "b.yml", "service": "b"}}}}),
        json!({"include": ["b.yml"]}),
        json!({"services": {"a": {"image": "a"}}, "volumes": {"v": {"driver_opts": {"o": "bind", "device": "v"}}}}),
    ]
    .map(|definition| of(definition).unwrap_err());
    insta::assert_snapshot!(all.join("\n"), @r#"
    error[compose-path]: `./x` is a relative path, and a definition has no folder
     |
     = help: write an absolute path, or put a compose file into a folder of the host
    error[compose-path]: `x` is a relative path, and a definition has no folder
     |
     = help: write an absolute path, or put a compose file into a folder of the host
    error[compose-path]: `a.env` is a relative path, and a definition has no folder
     |
     = help: write an absolute path, or put a compose file into a folder of the host
    error[compose-path]: `b` is a relative path, and a definition has no folder
     |
     = help: write an absolute path, or put a compose file into a folder of the host
    error[compose-path]: `./k` is a relative path, and a definition has no folder
     |
     = help: write an absolute path, or put a compose file into a folder of the host
    error[compose-path]: `b.yml` is a relative path, and a definition has no folder
     |
     = help: write an absolute path, or put a compose file into a folder of the host
    error[compose-path]: `b.yml` is a relative path, and a definition has no folder
     |
     = help: write an absolute path, or put a compose file into a folder of the host
    error[compose-path]: `v` is a relative path, and a definition has no folder
     |
     = help: write an absolute path, or put a compose file into a folder of the host
    "#);
    let whole = json!({"services": {"a": {"build": {"target": "x"}, "volumes": ["/x:/x", "~/y:/y", "v:/v"]}}, "volumes": {"v": null}});
    let project = of(whole).unwrap();
    assert_eq!(project.services["a"].mounts()[1].source.as_deref(), Some("/root/y"));
    assert!(project.services["a"].build().unwrap().lacks_folder());
}

#[test]
fn a_relative_folder_begins_where_the_caller_stands() {
    let files = [("compose.yml", "services: {web: {build: {target: a}, volumes: ['./d:/d']}}")];
    let project = load(&files, |wanted| {
        wanted.folder = "app".to_owned();
        wanted.here = "/home/u".to_owned();
    })
    .unwrap();
    let web = &project.services["web"];
    assert_eq!(web.mounts()[0].source.as_deref(), Some("/home/u/app/d"));
    assert_eq!(web.build().unwrap().context, "/home/u/app");
}

#[test]
fn the_folder_of_a_bound_volume_begins_at_the_file() {
    let project = one("
services: {web: {image: a}}
volumes:
  a: {driver_opts: {type: none, o: 'bind,ro', device: ./data}}
  b: {driver: local, driver_opts: {type: none, o: bind, device: ../data}}
  c: {driver: other, driver_opts: {o: bind, device: data}}
  d: {driver_opts: {type: nfs, o: addr=x, device: ':/data'}}
")
    .unwrap();
    let device = |name: &str| project.volumes[name].driver_opts.0["device"].clone().unwrap();
    let all = ["a", "b", "c", "d"].map(device);
    assert_eq!(all, ["/srv/app/data", "/srv/data", "data", ":/data"]);
}

#[test]
fn what_is_not_set_is_told() {
    let project = one("services: {web: {image: 'a:$TAG'}}").unwrap();
    assert_eq!(project.unset, ["TAG"]);
}

#[test]
fn tags_put_values_in_the_place_of_those_below() {
    let files = [
        (
            "compose.yml",
            "
services:
  web:
    image: app
    ports: ['80:80']
    environment: {A: 1, B: 2}
    volumes: ['./a:/data', 'v:/v']
    command: [run]
    dns: [1.1.1.1]
  debug: {image: tools}
volumes: {v: }
",
        ),
        (
            "upper.yml",
            "
services:
  web:
    ports: !override ['81:81']
    environment: !override {C: '3'}
    volumes: !override
      - './b:/data'
    command: !reset null
    dns: !reset []
  debug: !reset
volumes: {v: !reset }
",
        ),
    ];
    let project = load(&files, |wanted| wanted.sources.push(path("upper.yml")));
    let project = project.unwrap();
    assert_eq!(project.services.keys().collect::<Vec<_>>(), ["web"]);
    assert!(project.volumes.is_empty());
    let web = &project.services["web"];
    let ports: Vec<u16> = web.networking.ports.0.iter().map(|port| port.target).collect();
    assert_eq!(ports, [81]);
    assert_eq!(web.process.environment.texts().collect::<Vec<_>>(), [("C", "3")]);
    let sources: Vec<_> = web.mounts().iter().filter_map(|mount| mount.source.clone()).collect();
    assert_eq!(sources, ["/srv/app/b"]);
    assert!(web.process.command.is_none() && web.networking.dns.0.is_empty());
}

#[test]
fn a_value_that_was_reset_can_be_given_again() {
    let files = [
        (
            "compose.yml",
            "
services:
  base: {image: app, command: [run], ports: ['80:80'], dns: [1.1.1.1]}
  web: {extends: base, ports: !reset null, dns: !override [2.2.2.2]}
",
        ),
        ("upper.yml", "services: {web: {ports: ['81:81']}}"),
    ];
    let project = load(&files, |wanted| wanted.sources.push(path("upper.yml")));
    let project = project.unwrap();
    let targets = |name: &str| -> Vec<u16> {
        project.services[name].networking.ports.0.iter().map(|port| port.target).collect()
    };
    assert_eq!((targets("base"), targets("web")), (vec![80], vec![81]));
    assert_eq!(project.services["web"].networking.dns.0, ["2.2.2.2"]);
}
