import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

/**
 * Reaches a daemon as the docker client does: `ssh host docker system dial-stdio`, so that the
 * user's ssh configuration, agent and known hosts apply.
 */
export function sshAgent(destination: string, port?: number): Agent {
  const agent = new Agent({ keepAlive: true });
  agent.createConnection = () => {
    const args = [...(port === undefined ? [] : ["-p", String(port)]), "-o", "BatchMode=yes"];
    const child = spawn("ssh", [...args, "--", destination, "docker", "system", "dial-stdio"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    const connection = Duplex.from({ readable: child.stdout, writable: child.stdin });
    let complaint = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaint = (complaint + text).slice(-2000);
    });
    child.on("error", (error) => connection.destroy(error));
    child.on("exit", (code) => {
      if (code === 0) return;
      connection.destroy(new Error(`ssh ended with exit code ${code ?? -1}: ${complaint.trim()}`));
    });
    connection.on("close", () => child.kill());
    return connection;
  };
  return agent;
}
