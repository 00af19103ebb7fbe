enum Gain { LOW = 1, HIGH = 2 };
struct sample {
    enum Gain a;  /* [V] */
};
