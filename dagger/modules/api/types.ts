import type { Types } from "../../api/define.ts";
import { currentModuleField, currentModuleFields } from "./current-module.ts";
import { errorField, errorFields } from "./error.ts";
import { functionCallFields, currentFunctionCallField } from "./function-call.ts";
import { functionField, functionFields } from "./function.ts";
import { moduleField, moduleFields, sourceMapField, sourceMapFields } from "./module.ts";
import { typeDefField, typeDefFields } from "./type-def.ts";

/** Adds the part of the API that modules register and run with. */
export function addModuleTypes(types: Types): Types {
  types.set("Query", {
    ...types.get("Query"),
    module: moduleField,
    typeDef: typeDefField,
    function: functionField,
    sourceMap: sourceMapField,
    error: errorField,
    currentModule: currentModuleField,
    currentFunctionCall: currentFunctionCallField,
  });
  types.set("Module", moduleFields);
  types.set("TypeDef", typeDefFields);
  types.set("Function", functionFields);
  types.set("SourceMap", sourceMapFields);
  types.set("Error", errorFields);
  types.set("CurrentModule", currentModuleFields);
  types.set("FunctionCall", functionCallFields);
  return types;
}
