# The hive for Nix: the package, a NixOS module that runs it, and the options of one agent.
#
#   nix run 'git+file:.?dir=nix' -- demo
#
# The flake lives below the repository's root, so it is named with ?dir=nix.
{
  description = "A supervised swarm of Claude Code agents on a machine you own";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forEach = nixpkgs.lib.genAttrs systems;
      # Claude Code is unfree; it is allowed here and nowhere else, so that the operator sets nothing.
      packagesFor =
        system:
        import nixpkgs {
          inherit system;
          overlays = [ self.overlays.default ];
          config.allowUnfreePredicate = package: nixpkgs.lib.getName package == "claude-code";
        };
    in
    {
      overlays.default = final: _: { hyperhive = final.callPackage ./package.nix { }; };

      packages = forEach (system: {
        default = (packagesFor system).hyperhive;
      });

      nixosModules.default = {
        imports = [ ./host.nix ];
        nixpkgs.overlays = [ self.overlays.default ];
      };

      nixosModules.agent = ./agent.nix;
    };
}
