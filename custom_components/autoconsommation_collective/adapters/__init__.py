"""The house: from Home Assistant to engine types and back; no entity, no rule of sharing."""
