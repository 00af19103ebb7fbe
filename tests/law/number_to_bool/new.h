struct sample {
    bool a;
    bool b;
    bool c;
};
