# The keys of agent.toml as options, for those who write that file with Nix: what is left null is left out. hive reads
# agent.toml alone and evaluates no Nix; a proposal with a file agent.nix is refused.
{ lib, ... }:
let
  inherit (lib) mkOption types;

  option =
    type: description:
    mkOption {
      inherit description;
      type = types.nullOr type;
      default = null;
    };
  texts = types.listOf types.str;
in
{
  options.hyperhive = {
    model = option types.str "The model to begin with.";
    allowedRecipients = option texts "To whom it may send; null is everybody. The manager can always be reached.";
    allowedBashPatterns = option texts "Bash commands it may run, such as `Bash(git status *)`; null is all.";
    allowedTools = option texts "The tools of Claude Code it has; null is Bash, Edit, Glob, Grep, Read and Write. The list replaces them; Task, WebFetch and WebSearch have to be named.";
    extraMcpServers = option (types.attrsOf (
      types.submodule {
        options = {
          command = mkOption {
            type = types.str;
            description = "The program.";
          };
          args = option texts "Its arguments.";
          env = option (types.attrsOf types.str) "Its environment.";
          allowedTools = option texts "Its tools that may be used; `*` is all.";
        };
      }
    )) "More MCP servers by key; their tools are mcp__<key>__<tool>. The key hive is taken.";
    binds = option (types.listOf (
      types.submodule {
        options = {
          source = mkOption {
            type = types.str;
            description = "The path on the host.";
          };
          target = mkOption {
            type = types.str;
            description = "The path in the container.";
          };
          writable = option types.bool "Whether it may be written; read-only otherwise.";
        };
      }
    )) "Paths of the host it sees.";
    env = option (types.attrsOf types.str) "Variables in its environment.";
    limits = option (types.submodule {
      options = {
        memory = option (types.either types.ints.positive types.str) "Bytes, or such as 512M or 2G.";
        cpu = option types.numbers.positive "Cores.";
        pids = option types.ints.positive "Processes and threads.";
        disk = option (types.either types.ints.positive types.str) "Of its folders and its log; bytes, or such as 5G.";
        turn_seconds = option types.numbers.positive "How long a turn may take.";
        turn_tool_calls = option types.ints.positive "How many tools a turn may call.";
        end_leftovers = option types.bool "Whether what a turn leaves running is ended with it.";
        events_per_minute = option types.ints.positive "Live events its harness may report.";
        messages_per_minute = option types.ints.positive "Messages it may send, to itself and each copy of a broadcast included.";
        questions_per_minute = option types.ints.positive "Questions it may ask.";
        reminders_per_minute = option types.ints.positive "Reminders it may set.";
        bytes_per_minute = option types.ints.positive "Bytes of all its requests.";
      };
    }) "What it may use; what is not set is the hive's setting.";
    network = option (types.submodule {
      options = {
        mode = option (types.enum [ "proxied" "none" "host" ]) "Public hosts through hive-proxy, the model alone, or the host's network. By default proxied.";
        allow = option (types.listOf types.str) "The only public hosts it reaches; *.example.org for every name below.";
      };
    }) "What it reaches beside the model.";
    warm_seconds = option types.numbers.nonnegative "How long claude stays up after a turn.";
    autoCompact = option types.bool "Whether a full conversation is compacted by itself.";
    compact_tokens = option types.ints.positive "From how many tokens on; at least 20000. Null is three quarters of the model's window.";
    notes_limit_bytes = option types.ints.positive "How much of the end of its notes a new session is given; of longer notes it is told to shorten them.";
    packages = option texts "Debian packages of its system, by name; in the runtime nspawn only.";
    prompt = option types.str "What is added to its system prompt.";
  };
}
