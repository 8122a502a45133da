package config

import (
	"slices"

	"github.com/headwatch/headwatch/host/internal/expr"
	"github.com/headwatch/headwatch/host/internal/hcltext"
	"github.com/headwatch/headwatch/sdk"
)

// The types of attributes that name plugin blocks.
const (
	typeReference  sdk.AttributeType = "reference"
	typeReferences sdk.AttributeType = "list of references"
)

// Grammar is the language of a configuration: every block and attribute with its
// type, default and meaning. The decoder and docs/configuration.md both come from
// it.
func Grammar() hcltext.Grammar {
	blocks := []hcltext.Grammar{hostGrammar(), recordGrammar()}
	for _, kind := range pluginKinds() {
		blocks = append(blocks, kind.grammar())
	}
	defaults := monitorGrammar("defaults")
	defaults.Description = "`defaults { ... }` may say whatever a monitor may, for all monitors. A monitor's own attributes win one by one, " +
		"inside its blocks too; a `rule` replaces the one of the same name as a whole."
	monitor := monitorGrammar("monitor")
	monitor.Labelled, monitor.Repeated = true, true
	monitor.Description = "`monitor \"NAME\" { ... }` is one watched node. There must be one at least."
	return hcltext.Grammar{Blocks: append(blocks, defaults, monitor)}
}

func hostGrammar() hcltext.Grammar {
	return hcltext.Grammar{
		Name: "host", Description: "`host { ... }` is about the host itself; it may be left out, as everything in it.",
		Attributes: []hcltext.Attribute{
			{Name: "plugin_dir", Type: hcltext.TypePaths, Variable: "HEADWATCH_PLUGIN_DIR", Otherwise: "`plugins/` beside the executable",
				Description: "folders in which plugins are looked up by name, in their order; a text has them with `:` in between"},
			{Name: "state_dir", Type: sdk.TypeString, Variable: "HEADWATCH_STATE_DIR", Otherwise: "a folder of the user's",
				Description: "the folder for what survives a restart of the host"},
			{Name: "dry_run", Type: sdk.TypeBool, Variable: "DRY_RUN", Default: "false", Hint: "Set it to true or false.",
				Description: "every rule is asked and nothing is restarted; `DRY_RUN=true` holds whatever the file says"},
		},
		Blocks: []hcltext.Grammar{{
			Name: "http", Description: "`http { ... }` in `host` is the endpoint for metrics, health and status.",
			Attributes: []hcltext.Attribute{
				{Name: "listen", Type: sdk.TypeString, Variable: "HEADWATCH_HTTP", VariableWins: true, Default: `"127.0.0.1:9464"`,
					Form: isListen, Want: "an address to listen on",
					Hint:        `Write host:port such as "127.0.0.1:9464" with a port of at most 65535, ":0" for any free port, or "off".`,
					Description: "`host:port`; `:0` picks a port and logs it, `off` is no endpoint"},
			},
		}},
	}
}

func recordGrammar() hcltext.Grammar {
	return hcltext.Grammar{
		Name: "record", Description: "`record { ... }` keeps everything that the rules see as traces; see [record.md](record.md).",
		Attributes: []hcltext.Attribute{
			{Name: "dir", Type: sdk.TypeString, Required: true, Form: isNotBlank, Want: "a folder",
				Hint:        `Write dir = "/var/lib/headwatch/trace" or another folder; it is made when missing.`,
				Description: "the folder, made when missing; one host only may record into it; `env(\"NAME\", null)` records nothing where NAME is not set"},
			{Name: "max_size", Type: hcltext.TypeSize, Default: `"500MB"`, Least: "1MB",
				Description: "the most that all recordings of this host may have together; the oldest go first"},
			{Name: "max_age", Type: sdk.TypeDuration, Default: `"30d"`, Least: "1h",
				Hint:        `A duration is written "30d", "12h", "1d12h" or as a number of seconds.`,
				Description: "how long a recording is kept after its last record"},
			{Name: "log", Type: sdk.TypeString, Default: `"events"`, Allowed: []string{"events", "lines"},
				Hint:        `"events" records what the parser reads in the log, "lines" its text as well.`,
				Description: "`events`: what the parser read in the log. `lines`: the text of the log, so that another parser can be tried on it"},
		},
	}
}

// pluginKind is a kind of block that names a plugin.
type pluginKind struct {
	kind sdk.Kind
	// about says what such a plugin is for.
	about string
	// timeout is the deadline of one call unless the block says otherwise.
	timeout string
	more    []hcltext.Attribute
}

// pluginKinds are the kinds of blocks that name a plugin. Of each block the host
// starts one process.
func pluginKinds() []pluginKind {
	provider := hcltext.Attribute{Name: "provider", Type: sdk.TypeString, Otherwise: "the domain of its endpoint",
		Description: "who runs it: several sources of one provider have one vote"}
	maxAge := hcltext.Attribute{Name: "max_age", Type: sdk.TypeDuration, Positive: true, Otherwise: "that of the monitor",
		Description: "the age above which a head of this source contributes nothing"}
	const usual = `"10s"`
	return []pluginKind{
		{sdk.KindHeadSource, "says what the network's newest block is", usual, []hcltext.Attribute{maxAge, provider}},
		{sdk.KindLogParser, "turns the lines of a log into events", usual, nil},
		// An action waits for a node to stop, which takes its time.
		{sdk.KindAction, "acts on a target, and may serve its log", `"2m"`, nil},
		{sdk.KindLogSource, "serves a log that the action does not", usual, nil},
	}
}

func (k pluginKind) grammar() hcltext.Grammar {
	name := string(k.kind)
	return hcltext.Grammar{
		Name: name, Labelled: true, Repeated: true,
		Description: "`" + name + " \"NAME\" { ... }` names a plugin that " + k.about + ". Each such block is a process of its own.",
		Attributes: append([]hcltext.Attribute{
			{Name: "plugin", Type: sdk.TypeString, Required: true, Form: isPluginName, Want: "the name or the path of a plugin",
				Hint:        `Name a binary of the plugin folder, or give a path: plugin = "./my-plugin".`,
				Description: "a name in the plugin folders, or a path"},
			{Name: "env", Type: sdk.TypeStringList, Otherwise: "none",
				Description: "the variables of the environment that the plugin sees beside PATH, HOME, TMPDIR, TZ, SSL_CERT_FILE, SSL_CERT_DIR and those of proxies"},
			{Name: "timeout", Type: sdk.TypeDuration, Positive: true, Default: k.timeout, Description: "the deadline of one call"},
			{Name: "mtls", Type: sdk.TypeBool, Default: "true", Description: "whether the connection is encrypted both ways"},
			{Name: "sha256", Type: sdk.TypeString, Form: isSHA256, Want: "64 hex digits", Hint: "sha256sum prints them for a file.", Otherwise: "any",
				Description: "what the plugin's binary must hash to"},
		}, k.more...),
		Blocks: []hcltext.Grammar{{Name: "config", Foreign: true,
			Description: "`config { ... }` belongs to the plugin: see its page in [plugins](plugins)."}},
	}
}

// monitorGrammar is what a monitor may say; defaults may say the same.
func monitorGrammar(name string) hcltext.Grammar {
	return hcltext.Grammar{
		Name: name,
		Attributes: []hcltext.Attribute{
			{Name: "profile", Type: sdk.TypeString, Allowed: profileNames(), Default: `"predecessor"`,
				Description: "what holds wherever the file says nothing: see [careful.md](careful.md)"},
			{Name: "interval", Type: sdk.TypeDuration, Positive: true, Default: `"60s"`, Description: "the time between two checks"},
			{Name: "heads", Type: typeReferences, Otherwise: "required", Description: "the head sources, such as `[head_source.a, head_source.b]`"},
			{Name: "node", Type: typeReference, Otherwise: "none",
				Description: "a head source that asks the node's own endpoint, a second witness of what the node does: see [rules.md](rules.md#the-nodes-own-word)"},
			{Name: "parser", Type: typeReference, Otherwise: "required, or the log is not read where `node` is given", Description: "the log parser, such as `log_parser.a`"},
			{Name: "action", Type: typeReference, Otherwise: "required", Description: "the action, such as `action.restart`; its plugin serves the log too, unless `logs` says otherwise"},
			{Name: "max_age", Type: sdk.TypeDuration, Positive: true, Otherwise: "three intervals, at least 30s",
				Description: "the age above which a head contributes nothing"},
			{Name: "block_time", Type: sdk.TypeDuration, Positive: true, Otherwise: "learned", Description: "the time from block to block, until it is learned from the heads"},
			{Name: "chain", Type: sdk.TypeString, Otherwise: "what most head sources say",
				Description: "what names the node's chain, as its head sources do: the hash of block 0, or an id. With `head`, sources of another chain do not count"},
			{Name: "restart_on_fatal", Type: sdk.TypeBool, Default: "false", Description: "acts in spite of a cause that no restart cures"},
		},
		Blocks: []hcltext.Grammar{
			{Name: "target", Foreign: true, Description: "`target { ... }` says what the action acts on, such as `container = \"node\"`. It belongs to the plugin of the action: see its page in [plugins](plugins)."},
			{Name: "logs", Description: "`logs { ... }` says where the log comes from.", Attributes: []hcltext.Attribute{
				{Name: "from", Type: typeReference, Otherwise: "the action", Description: "a `log_source`, or another action that serves the log"},
				{Name: "tail", Type: hcltext.TypeCount, Default: "5000", Least: "1", Most: "1000000", Description: "how many lines of the past are read at first"},
			}},
			blockLagGrammar(),
			ruleGrammar("sync_stall", "fires when nothing raised `synced` for a time and the lag is above the threshold.", "100", "producing",
				hcltext.Attribute{Name: "for", Type: sdk.TypeDuration, Positive: true, Default: `"180s"`, Description: "how long the node must have stood still"}),
			ruleGrammar("falling_behind", "fires when the lag grew over a window and is above the threshold.", "100", "producing",
				hcltext.Attribute{Name: "window", Type: sdk.TypeDuration, Positive: true, Default: `"300s"`, Description: "over which the lag must have grown"}, heldFor()),
			cooldownGrammar(),
			headGrammar(), preflightGrammar(), networkStallGrammar(), catchingUpGrammar(),
			besideHead("one_witness", "holds while fewer providers than the quorum of `head` stand at the network's height, unless the node itself stands still while that height rises. It is in force where `head` is."),
			besideHead("clock", "holds the rules that read ages while a quorum of head sources gives blocks that come from the future: this machine's clock is behind. It is in force where `head` is."),
			recoveryGrammar(), budgetGrammar(), crashLoopGrammar(),
			customGrammar(),
		},
	}
}

// blockLagGrammar is that of both rules about the lag; their defaults differ.
func blockLagGrammar() hcltext.Grammar {
	g := ruleGrammar("block_lag", "fires when the lag is above the threshold.", "", "", heldFor())
	g.Labelled, g.Labels = true, []string{severe, moderate}
	g.Description = "`block_lag \"severe\" { ... }` and `block_lag \"moderate\" { ... }` fire when the lag is above the threshold."
	for i := range g.Attributes {
		switch a := &g.Attributes[i]; a.Name {
		case "lag_above":
			a.ByLabel = map[string]string{severe: "100", moderate: "20"}
		case "unless":
			a.ByLabel = map[string]string{severe: "", moderate: "major_sync || producing"}
		}
	}
	return g
}

// ruleGrammar is a built-in rule about the lag.
func ruleGrammar(name, fires, lag, unless string, own ...hcltext.Attribute) hcltext.Grammar {
	return hcltext.Grammar{
		Name: name, Description: "`" + name + " { ... }` " + fires,
		Attributes: slices.Concat([]hcltext.Attribute{
			enabled(),
			{Name: "lag_above", Type: hcltext.TypeCount, OverFacts: true, Default: lag, Description: "the threshold, in blocks"},
			{Name: "unless", Type: expr.TypeCondition, Default: unless, Description: "a condition that stops it; `false` is one that never does"},
		}, own, []hcltext.Attribute{shadow()}),
	}
}

func enabled() hcltext.Attribute {
	return hcltext.Attribute{Name: "enabled", Type: sdk.TypeBool, OverFacts: true, Default: "true", Description: "whether it is in force"}
}

func heldFor() hcltext.Attribute {
	return hcltext.Attribute{Name: "for", Type: sdk.TypeDuration, Default: "0", Description: "how long it must have held, at every check in between"}
}

func shadow() hcltext.Attribute {
	return hcltext.Attribute{Name: "shadow", Type: sdk.TypeBool, Default: "false", Description: "it is asked and told of, and never acts"}
}

func cooldownGrammar() hcltext.Grammar {
	return hcltext.Grammar{
		Name: "cooldown", Description: "`cooldown { ... }` is the time in which nothing is done.",
		Attributes: []hcltext.Attribute{
			{Name: "enabled", Type: sdk.TypeBool, Default: "true", Description: "`false` is a cooldown of no time"},
			{Name: "after_action", Type: sdk.TypeDuration, Default: `"300s"`, Description: "after the later of the last action and the start of the target's run, by whomever"},
			{Name: "after_failure", Type: sdk.TypeDuration, Default: `"60s"`, Description: "after an action that failed"},
		},
	}
}

func headGrammar() hcltext.Grammar {
	return guardGrammar("head", "judges the heads: each provider has one vote, and the highest height that a majority has reached counts. Without it the highest usable head counts.",
		hcltext.Attribute{Name: "quorum", Type: hcltext.TypeCount, Default: "2", Least: "1", Description: "how many providers must agree"},
		hcltext.Attribute{Name: "tolerance", Type: sdk.TypeDuration, Default: `"10s"`, Description: "how far apart, in time of chain progress, two heights may be and agree; at least two blocks"})
}

func preflightGrammar() hcltext.Grammar {
	return guardGrammar("preflight", "holds every act while the action's plugin knows a hazard of level refuse, and says each hazard of the target once, with how to mend it: see the plugin's page.",
		hcltext.Attribute{Name: "allow", Type: sdk.TypeStringList, Otherwise: "none", Description: "the hazards of level refuse that hold nothing, by their ids, such as `same_data`"})
}

func networkStallGrammar() hcltext.Grammar {
	return guardGrammar("network_stall", "holds every act while the network stands, and until it has gone on for a time. It needs a block `head`.",
		hcltext.Attribute{Name: "after", Type: sdk.TypeDuration, Positive: true, Otherwise: "20 block times, at least 60s", Description: "how long `best` must not rise"},
		hcltext.Attribute{Name: "finality_after", Type: sdk.TypeDuration, Positive: true, Otherwise: "40 block times or 3 of its usual steps, at least 120s", Description: "how long finality must not rise"},
		hcltext.Attribute{Name: "settle", Type: sdk.TypeDuration, Positive: true, Otherwise: "5 block times, at least 300s", Description: "how long `best` must then go on rising"},
		hcltext.Attribute{Name: "stagger", Type: sdk.TypeDuration, Default: `"2m"`, Description: "bounds a further time, of each monitor its own"})
}

func catchingUpGrammar() hcltext.Grammar {
	return guardGrammar("catching_up", "holds the rules that read the lag while the node gains on the network, for a time after that, and before it can be told. It needs a block `head`.",
		hcltext.Attribute{Name: "window", Type: sdk.TypeDuration, Positive: true, Default: `"5m"`, Description: "what a gain is measured over; at least the time of five blocks"},
		hcltext.Attribute{Name: "min_gain", Type: hcltext.TypeCount, Default: "10", Description: "the least gain over the window that counts, in blocks, or a fifth of what the network makes in it where that is less; at least 1 % of that. A gain that is less has until four windows to come to it"},
		hcltext.Attribute{Name: "patience", Type: sdk.TypeDuration, Default: `"10m"`, Description: "for how long a gain counts after it ended"},
		hcltext.Attribute{Name: "alert", Type: sdk.TypeDuration, Positive: true, Default: `"24h"`, Description: "a catch-up that will take longer is told of at WARN"})
}

func recoveryGrammar() hcltext.Grammar {
	return guardGrammar("recovery", "holds every act after acts in a row that did not help, until the node goes on by itself, and while it is not known yet whether the last one did.",
		hcltext.Attribute{Name: "unhelpful", Type: hcltext.TypeCount, Default: "2", Least: "1", Description: "how many acts in a row"},
		hcltext.Attribute{Name: "quarantine", Type: sdk.TypeDuration, Positive: true, Default: `"24h"`, Description: "for how long"},
		hcltext.Attribute{Name: "within", Type: sdk.TypeDuration, Positive: true, Otherwise: "1.5 times what nine of its last ten recoveries took, at least 10m", Description: "how long an act has to help"})
}

func budgetGrammar() hcltext.Grammar {
	return guardGrammar("budget", "holds every act once so many were done within a time. A stop that had to kill counts as two.",
		hcltext.Attribute{Name: "actions", Type: hcltext.TypeCount, Default: "3", Least: "1", Description: "how many"},
		hcltext.Attribute{Name: "per", Type: sdk.TypeDuration, Positive: true, Default: `"6h"`, Description: "within which time"},
		hcltext.Attribute{Name: "forgive", Type: sdk.TypeDuration, Positive: true, Default: `"30m"`, Description: "how long a node must be in health for an act that helped not to count any more"},
		hcltext.Attribute{Name: "when_spent", Type: sdk.TypeString, Default: `"hold"`, Description: "`hold` until a person resumes, or `wait` until the oldest is old enough"})
}

func crashLoopGrammar() hcltext.Grammar {
	return guardGrammar("crash_loop", "holds everything, also a start, while the target starts again and again and not by headwatch.",
		hcltext.Attribute{Name: "starts", Type: hcltext.TypeCount, Default: "4", Least: "2", Description: "how many starts"},
		hcltext.Attribute{Name: "per", Type: sdk.TypeDuration, Positive: true, Default: `"15m"`, Description: "within which time"})
}

// guardGrammar is a block that is in force where it stands.
func guardGrammar(name, what string, own ...hcltext.Attribute) hcltext.Grammar {
	return hcltext.Grammar{Name: name, OnlyWhereGiven: true, Description: "`" + name + " { ... }` " + what,
		Attributes: append([]hcltext.Attribute{{Name: "enabled", Type: sdk.TypeBool, Default: "true", Description: "`false` switches off what the profile or `defaults` switch on"}}, own...)}
}

// besideHead is a guard that is in force where head is, unless it is switched off.
func besideHead(name, what string) hcltext.Grammar {
	g := guardGrammar(name, what)
	g.Beside = "head"
	return g
}

func customGrammar() hcltext.Grammar {
	return hcltext.Grammar{
		Name: "rule", Labelled: true, Repeated: true, ReplacesDefault: true,
		Description: "`rule \"NAME\" { ... }` is a rule of your own. It fires when `when` holds; such rules are asked in the order of the file, after the built-in ones.",
		Attributes: []hcltext.Attribute{
			enabled(),
			{Name: "when", Type: expr.TypeCondition, Required: true, Hint: "Write when = lag > 50 or another condition.", Description: "the condition at which it fires"},
			heldFor(),
			{Name: "message", Type: expr.TypeMessage, Otherwise: "the condition", Description: "what it says when it fires"},
			{Name: "action", Type: typeReference, Otherwise: "the monitor's", Description: "a monitor acts through one action only"},
			shadow(),
		},
	}
}
