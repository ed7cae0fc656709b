#!/usr/bin/env node
import '../dist/scenarios/cli/main.js';
