"""Days to plan, their optimum by a mixed-integer program, and what a plan must not break."""
