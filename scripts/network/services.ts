import type { Member } from "./member.ts";

/** The image that the compose file names; another one can be given in BESU_IMAGE. */
const IMAGE = "${BESU_IMAGE:-hyperledger/besu:26.4.0}";

/**
 * All nodes on one machine. They use the host's network, since nodes know each other by address and port; the image would open
 * its RPC port to the world (BESU_RPC_HTTP_HOST=0.0.0.0 in its environment beats the config file), hence the setting.
 */
export function composeFile(members: readonly Member[]): string {
  const services = members.map(
    ({ name }) => `  ${name}:
    image: ${IMAGE}
    container_name: quanlian-${name}
    network_mode: host
    restart: unless-stopped
    stop_grace_period: 60s
    working_dir: /node
    command: ["--config-file=config.toml"]
    environment:
      BESU_RPC_HTTP_HOST: 127.0.0.1
      BESU_OPTS: \${BESU_OPTS:--Xmx1g}
    volumes:
      - ./nodes/${name}:/node
    ulimits:
      nofile: 65536
`,
  );
  return `name: quanlian\nservices:\n${services.join("\n")}`;
}

/** For a node folder installed as /var/lib/quanlian/<name>, owned by the user besu. */
export function systemdUnit({ name, institution, role }: Member): string {
  const home = `/var/lib/quanlian/${name}`;
  return `[Unit]
Description=Quanlian ${role} ${name} (${institution})
Wants=network-online.target
After=network-online.target time-sync.target

[Service]
User=besu
WorkingDirectory=${home}
Environment=BESU_OPTS=-Xmx2g
ExecStart=/opt/besu/bin/besu --config-file=config.toml
Restart=on-failure
RestartSec=5
TimeoutStopSec=60
LimitNOFILE=65536
UMask=0077
NoNewPrivileges=true
PrivateTmp=true
PrivateDevices=true
ProtectHome=true
ProtectSystem=strict
ReadWritePaths=${home}

[Install]
WantedBy=multi-user.target
`;
}
