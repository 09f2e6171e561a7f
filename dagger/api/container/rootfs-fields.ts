import { z } from "zod";
import type { Container } from "./container.ts";
import { TreeRootfs } from "./rootfs.ts";
import { field, type TypeDefinition } from "../define.ts";
import { Directory } from "../files/directory.ts";

export const rootfsFields: TypeDefinition<Container> = {
  withRootfs: field({ directory: z.instanceof(Directory) }, (self, { directory }) =>
    self.derive(["withRootfs", directory.key], (state) => ({
      ...state,
      rootfs: new TreeRootfs(self.session, state.platform, () => directory.tree()),
      imageRef: null,
    })),
  ),
};
