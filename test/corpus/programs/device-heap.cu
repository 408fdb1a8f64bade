//// features: malloc, free, new and delete in a kernel; linked lists built there
//// sequential
void device_heap(int *out, int n) {
    for (int t = 0; t < n; t++) {
        out[t] = 0;
        for (int k = t; k >= 0; k--) out[t] = out[t] * 3 + k;
    }
}
//// kernel
struct Node {
    int value;
    Node *next;
};
__global__ void lists(int *out) {
    int t = threadIdx.x;
    Node *head = nullptr;
    for (int k = 0; k <= t; k++) {
        Node *node = k % 2 ? new Node : (Node *)malloc(sizeof(Node));
        node->value = k;
        node->next = head;
        head = node;
    }
    int sum = 0;
    for (int k = t; head != nullptr; k--) {
        Node *next = head->next;
        sum = sum * 3 + head->value;
        if (k % 2) delete head;
        else free(head);
        head = next;
    }
    out[t] = sum;
}
//// wrapper
void device_heap_cuda(int *out, int n) {
    int *d_out;
    cudaMalloc(&d_out, n * sizeof(int));
    lists<<<1, n>>>(d_out);
    cudaMemcpy(out, d_out, n * sizeof(int), cudaMemcpyDeviceToHost);
    cudaFree(d_out);
}
//// tests
int out[12];
wrapper(FUNCTION, out, 12);
