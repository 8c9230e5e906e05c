# A NixOS host that runs `hive serve`. Every option below `settings` is a row of hive's own table of settings,
# read from settings.json, which the program writes.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.hyperhive;
  table = builtins.fromJSON (builtins.readFile ./settings.json);

  typeOf =
    setting:
    {
      path = lib.types.str;
      text = lib.types.str;
      url = lib.types.str;
      port = lib.types.port;
      count = lib.types.ints.positive;
      number = lib.types.numbers.positive;
      size = lib.types.either lib.types.ints.positive lib.types.str;
      seconds = lib.types.numbers.nonnegative;
      choice = lib.types.enum setting.choices;
      switch = lib.types.bool;
      variables = lib.types.attrsOf lib.types.str;
    }
    .${setting.kind};

  optionFor =
    _: setting:
    lib.mkOption {
      type = lib.types.nullOr (typeOf setting);
      default = null;
      defaultText = setting.default;
      description = setting.help;
    };
in
{
  options.services.hyperhive = {
    enable = lib.mkEnableOption "the hive, a supervised swarm of Claude Code agents";
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.hyperhive;
      defaultText = "pkgs.hyperhive";
      description = "The hive to run.";
    };
    settings = lib.mapAttrs optionFor table;
  };

  config = lib.mkIf cfg.enable {
    services.hyperhive.settings = {
      state_dir = lib.mkDefault "/var/lib/hyperhive";
      run_dir = lib.mkDefault "/run/hyperhive";
    };

    # Not only for the service: `hive` in a shell reads the same file and finds the same sockets.
    environment.etc."hyperhive/hive.toml".source = (pkgs.formats.toml { }).generate "hive.toml" (
      lib.filterAttrs (_: value: value != null) cfg.settings
    );
    environment.systemPackages = [ cfg.package ];

    systemd.services.hyperhive = {
      description = "The hive";
      wantedBy = [ "multi-user.target" ];
      after = [ "network-online.target" ];
      wants = [ "network-online.target" ];
      restartTriggers = [ config.environment.etc."hyperhive/hive.toml".source ];
      serviceConfig = {
        Type = "notify";
        ExecStart = "${cfg.package}/bin/hive serve --config /etc/hyperhive/hive.toml";
        Restart = "on-failure";
        # A heartbeat is sent only while the broker and the store answer.
        WatchdogSec = 30;
        TimeoutStopSec = 180;
        # Agents outlive the daemon: a restart takes them over instead of ending their turns.
        KillMode = "process";
        RuntimeDirectory = "hyperhive";
        RuntimeDirectoryPreserve = "yes";
        StateDirectory = "hyperhive";
        StateDirectoryMode = "0700";
        # The control groups below this unit are the hive's: it limits each agent there.
        Delegate = "yes";
        # The dashboard's port is kept here while the daemon restarts, so that its sessions go on.
        FileDescriptorStoreMax = 8;
        # What agents allow of hardening; docs/hive.service says what containers need and is therefore not here.
        NoNewPrivileges = "yes";
        CapabilityBoundingSet = "CAP_CHOWN CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_FSETID CAP_KILL CAP_MKNOD CAP_NET_ADMIN CAP_NET_BIND_SERVICE CAP_SETFCAP CAP_SETGID CAP_SETPCAP CAP_SETUID CAP_SYS_ADMIN CAP_SYS_CHROOT CAP_SYS_PTRACE CAP_SYS_RESOURCE";
        ProtectSystem = "full";
        ProtectKernelModules = "yes";
        ProtectClock = "yes";
        LockPersonality = "yes";
        RestrictRealtime = "yes";
        RestrictAddressFamilies = "AF_UNIX AF_INET AF_INET6 AF_NETLINK";
        SystemCallArchitectures = "native";
        SystemCallFilter = "~@clock @cpu-emulation @module @obsolete @raw-io @reboot @swap";
        SystemCallErrorNumber = "EPERM";
      };
    };
  };
}
