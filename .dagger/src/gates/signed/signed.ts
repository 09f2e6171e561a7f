import { shortDigest } from "../../registry/digest.ts";
import type { GateFacts } from "../facts.ts";
import type { Gate } from "../gate.ts";
import { failed, gateNamed, passed } from "../verdict.ts";
import { digestsSignedBy, publicKey } from "./signature.ts";

/** Every image is signed by the holder of a key; where that can't be found out, it is not. */
export function signed(setting: string, facts: GateFacts): Gate {
  return gateNamed(
    "signed",
    `Every image has a cosign signature by the key in ${setting}: its builder vouches for it.`,
    async () => {
      const pem = await facts.setting(setting);
      if (pem === undefined) {
        return failed(
          `the public key is not given: ${setting} is missing or empty`,
          `give it: with-setting --name ${setting} --value file:cosign.pub`,
          {},
        );
      }
      const key = publicKey(pem);
      const images = Object.entries(facts.digests);
      const faults = await Promise.all(
        images.map(async ([service, digest]) => {
          const all = await facts.signatures(service);
          const by = digestsSignedBy(key, all);
          if (by.includes(digest)) return [];
          const image = `${service}@${shortDigest(digest)}`;
          if (all.length === 0) return [`${image} is not signed`];
          const [other] = by;
          return other === undefined
            ? [`none of the ${all.length} signatures of ${image} is by that key`]
            : [`the signature at ${image} is for ${shortDigest(other)}`];
        }),
      );
      const evidence = { key: setting, images: String(images.length) };
      return faults.flat().length === 0
        ? passed(`all ${images.length} images are signed by the key in ${setting}`, evidence)
        : failed(
            `expected every image to be signed: ${faults.flat().join("; ")}`,
            "sign these very digests: cosign sign --key cosign.key <image>@<digest>",
            evidence,
          );
    },
  );
}
