import { z } from "zod";

const aliases: Record<string, string> = { x86_64: "amd64", aarch64: "arm64" };

/** `os/arch[/variant]`, normalised as containerd does: `linux/x86_64` is `linux/amd64`. */
export const platformName = z
  .string()
  .regex(
    /^[a-z0-9_-]+\/[A-Za-z0-9_-]+(\/[A-Za-z0-9_.-]+)?$/,
    "expected os/arch, such as linux/amd64",
  )
  .transform((name) => {
    const [os = "", arch = "", variant] = name.toLowerCase().split("/");
    const base = `${os}/${aliases[arch] ?? arch}`;
    return variant && !(variant === "v8" && base.endsWith("arm64")) ? `${base}/${variant}` : base;
  });
