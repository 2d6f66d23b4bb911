# leakstop for Nix, built from this repository: `nix run <this repository> -- scan`.
{
  description = "A secret scanner that fails closed";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      package = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).package;
      systems = [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ];
      build = pkgs: pkgs.rustPlatform.buildRustPackage {
        pname = package.name;
        version = package.version;
        src = self;
        cargoLock.lockFile = ./Cargo.lock;
        # The tests want git, tmux, strace and a browser; CI runs them.
        doCheck = false;
        nativeBuildInputs = [ pkgs.installShellFiles ];
        postInstall = ''
          for shell in bash fish zsh; do
            "$out/bin/leakstop" completions "$shell" > "leakstop.$shell"
          done
          installShellCompletion leakstop.bash leakstop.fish leakstop.zsh
          "$out/bin/leakstop" man > leakstop.1
          installManPage leakstop.1
        '';
        meta = {
          description = package.description;
          license = [ pkgs.lib.licenses.mit pkgs.lib.licenses.asl20 ];
          mainProgram = package.name;
        };
      };
    in
    {
      packages = nixpkgs.lib.genAttrs systems (system: {
        default = build nixpkgs.legacyPackages.${system};
      });
    };
}
