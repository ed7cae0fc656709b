/** Lint rules: the strict type-checked set, plus bans that keep the deterministic parts deterministic. */
import tseslint from 'typescript-eslint';
import jsdoc from 'eslint-plugin-jsdoc';

const pure = ['spec/**/*.ts', 'sim/**/*.ts', 'impl/core/**/*.ts', 'impl/wire/**/*.ts', 'impl/engine/**/*.ts'];

export default tseslint.config(
  { ignores: ['dist/**', '.build/**', 'node_modules/**', 'esf-report/**', '**/*.js', '**/*.cjs', 'vitest.config.ts'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { jsdoc },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Typed arrays are indexed within checked bounds; `!` says so in one character.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true, IIFEs: true }],
      'jsdoc/require-jsdoc': [
        'error',
        { publicOnly: true, require: { FunctionDeclaration: true, ClassDeclaration: true } },
      ],
    },
  },
  {
    files: pure,
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Ask the Platform: monotonicMicros() or wallMillis().' },
        { object: 'Math', property: 'random', message: 'Ask the Platform: randomUint32(), or a seeded stream.' },
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'Ask the Platform: wallMillis().',
        },
      ],
    },
  },
  {
    files: ['impl/core/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'AwaitExpression', message: 'Core machines are synchronous: handle, then poll.' },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'scenarios/suites/**/*.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'jsdoc/require-jsdoc': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
    },
  },
);
