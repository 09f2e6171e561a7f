import eslint from "typescript-eslint";
import prettier from "eslint-config-prettier";

export default eslint.config(
  { ignores: ["**/node_modules", "dist", "**/sdk", "examples", "test/**/fixtures/**"] },
  ...eslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./.dagger/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": "off",
      "@typescript-eslint/no-extraneous-class": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    // Introspection of Dagger's TypeScript runtime needs the class's name.
    files: [".dagger/src/index.ts", ".dagger/src/objects/*.ts"],
    rules: { "@typescript-eslint/prefer-return-this-type": "off" },
  },
  {
    // A test that finds nothing where it expects something fails either way.
    files: ["test/**/*.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    // Plain JavaScript is in none of the compiler's projects.
    files: ["**/*.mjs"],
    ...eslint.configs.disableTypeChecked,
    languageOptions: { parserOptions: { project: null } },
  },
  prettier,
);
